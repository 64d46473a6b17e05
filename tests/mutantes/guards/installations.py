"""What keeps two installations on one Prefect server apart."""

from tests.mutantes.guard import Guard, guard, without

GUARDS: tuple[Guard, ...] = (
    guard(
        "A deploy overwrites no block that points to another database, Odoo or Tiny, unless it is told to",
        without(
            "flows/deploy.py",
            "        refuse_others(settings)\n",
            "        pass\n",
            "flows/test_takeover.py::test_a_deploy_to_another_place_is_refused_and_changes_nothing",
        ),
        without(
            "flows/operacao/takeover.py",
            "Place((server, port, url.database), told)",
            "Place((server, port), told)",
            "flows/test_takeover.py::test_another_host_port_or_name_is_another_database",
        ),
        without(
            "flows/operacao/takeover.py",
            "Place((address, block.db), ",
            "Place((address,), ",
            "flows/test_takeover.py::test_an_odoo_is_its_address_and_database",
        ),
        without(
            "flows/operacao/takeover.py",
            "Place((block.client_id, block.account), told)",
            "Place((block.account,), told)",
            "flows/test_takeover.py::test_a_tiny_is_its_application_and_account",
        ),
    ),
    guard(
        "Two installations on one server have no name in common, and each acts on its own runs alone",
        without(
            "blocks/instalacao.py",
            'return name if ours == DEFAULT else f"{name}-{ours}"',
            "return name",
            "flows/test_instalacao.py::test_another_installation_has_its_name_at_the_end_of_all_names",
        ),
        without(
            "blocks/instalacao.py",
            "if len(name) > LONGEST or not _NAME.fullmatch(name):",
            "if len(name) > LONGEST:",
            "flows/test_instalacao.py::test_any_other_name_is_refused_with_what_is_accepted",
        ),
        without(
            "flows/operacao/automations.py",
            "[ResourceSpecification(mark()), *(",
            "[*(",
            "flows/test_instalacao.py::test_every_automation_asks_for_the_tag_of_its_own_installations_runs",
        ),
        without(
            "flows/operacao/faxina/execucoes.py",
            'none | {"tags": {"all_": [own(MARK)]}}',
            "none",
            "flows/operacao/test_faxina_prefect.py::"
            "test_runs_of_others_stay_and_those_of_an_older_version_which_have_no_tag_go",
        ),
        without(
            "flows/operacao/faxina/fluxo.py",
            "if others := owners(folder) - {installation()}:",
            "if others := set[str]():",
            "flows/operacao/test_faxina.py::"
            "test_results_in_a_folder_that_two_installations_share_are_left_and_that_is_said",
        ),
    ),
)
