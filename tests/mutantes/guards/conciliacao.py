"""What makes a reconciliation find every difference, and mend it in the ordinary ways alone."""

from tests.mutantes.guard import Guard, guard, without

_MONTHS = "flows/conciliacao/months.py"
_LINES = "flows/conciliacao/lines.py"
_ENTITY = "flows/conciliacao/entity.py"
_COMPARISON = "flows/conciliacao/comparison.py"
_REPAIR = "flows/conciliacao/repair.py"

GUARDS: tuple[Guard, ...] = (
    guard(
        "Totals that differ by a cent are found, in whatever month",
        without(
            _MONTHS,
            'PLACES = Decimal("0.001")',
            'PLACES = Decimal("0.1")',
            "flows/conciliacao/test_conciliacao_meses.py::test_a_cent_is_a_difference_and_a_tenth_of_a_thousandth_is_none",
        ),
        without(
            _MONTHS,
            "waiting += [(part[:half], below), (part[half:], less(theirs, below))]",
            "waiting += [(part[:half], below)]",
            "flows/conciliacao/test_conciliacao_meses.py::test_exactly_the_months_that_differ_are_found_with_few_questions",
        ),
        without(
            _MONTHS,
            "if cell.documents or cell.lines or any(cell.sums)}",
            "if any(cell.sums)}",
            "flows/conciliacao/test_conciliacao_meses.py::test_a_line_that_is_worth_nothing_is_a_difference",
        ),
    ),
    guard(
        "Every kind of loss is told from the others, and none is left out",
        without(
            _LINES,
            "    note(missing & ~stored, MISSING_DOCUMENT)\n",
            "",
            "flows/conciliacao/test_conciliacao_perdas.py::test_a_whole_day_that_was_lost_here_with_the_checkpoint_ahead_is_read_again",
        ),
        without(
            _LINES,
            "    note(extra, EXTRA)\n",
            "",
            "flows/conciliacao/test_conciliacao_perdas.py::test_one_run_finds_and_mends_losses_of_every_kind_and_names_the_columns",
        ),
        without(
            _LINES,
            "    note(paired & differ & ~newer, SAME_DATE)\n",
            "",
            "flows/conciliacao/test_conciliacao_perdas.py::test_one_run_finds_and_mends_losses_of_every_kind_and_names_the_columns",
        ),
        without(
            _LINES,
            "    note(newer & ~late, UNREAD)\n",
            "",
            "flows/conciliacao/test_conciliacao_perdas.py::test_what_changed_behind_a_checkpoint_that_was_moved_ahead_is_read",
        ),
        without(
            _COMPARISON,
            "causes = other_parties(ours, self.source.sums, self.totals.party) | causes",
            "pass",
            "flows/conciliacao/test_conciliacao_perdas.py::test_one_run_finds_and_mends_losses_of_every_kind_and_names_the_columns",
        ),
        without(
            _COMPARISON,
            "differ, badly | causes | dict",
            "differ, causes | dict",
            "flows/conciliacao/test_conciliacao_perdas.py::test_one_run_finds_and_mends_losses_of_every_kind_and_names_the_columns",
        ),
    ),
    guard(
        "What differs is mended by reading the document again, and only what the source itself lacks is retired",
        without(
            _REPAIR,
            "    read_documents(watched, listed,",
            "    (lambda *_: None)(watched, listed,",
            "flows/conciliacao/test_conciliacao_perdas.py::test_a_row_that_was_deleted_here_comes_back_in_every_entity",
        ),
        without(
            _REPAIR,
            "    _retire(watched, gone, asked)\n",
            "",
            "flows/conciliacao/test_conciliacao_perdas.py::test_a_document_that_the_source_never_had_is_retired",
        ),
        without(
            _REPAIR,
            "away, hidden = absent(sync.source.presence, set(documents) - visible)",
            "away, hidden = set(documents) - visible, set()",
            "flows/conciliacao/test_conciliacao_perdas.py::test_a_document_that_is_gone_from_the_source_is_retired_and_a_hidden_one_stays",
        ),
        without(
            _REPAIR,
            "    if len(gone) > most_believed(documents, share):",
            "    if False:",
            "flows/conciliacao/test_conciliacao_perdas.py::test_a_source_that_lacks_suspiciously_much_retires_nothing",
        ),
    ),
    guard(
        "A reconciliation that is a trial writes nothing, and none runs where it could not be believed",
        without(
            _REPAIR,
            "Watched(writer.engine, writer.alive, writer.parameters, writer.dry_run, watch)",
            "Watched(writer.engine, writer.alive, writer.parameters, False, watch)",
            "flows/conciliacao/test_conciliacao_perdas.py::test_a_dry_run_tells_what_differs_and_writes_nothing",
        ),
        without(
            _COMPARISON,
            "if standing.checkpoint is None:",
            "if False:",
            "flows/conciliacao/test_conciliacao_perdas.py::test_an_entity_that_was_never_loaded_is_left_to_its_first_load",
        ),
        without(
            _ENTITY,
            "only_run(entity.name, engine, _patience())",
            'only_run(entity.name + "-", engine, _patience())',
            "flows/conciliacao/test_run_conciliacao.py::test_it_does_not_run_beside_the_entitys_own_run_and_tells_so",
        ),
    ),
)
