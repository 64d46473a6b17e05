"""What keeps secrets out of messages, logs and reports."""

from tests.mutantes.guard import Guard, guard, without

GUARDS: tuple[Guard, ...] = (
    guard(
        "A wrong setting is told without its secret",
        without(
            "flows/settings.py",
            '"(oculto)" if name in SECRET_NAMES else ',
            "",
            "flows/test_settings.py::test_a_wrong_secret_is_named_and_not_shown",
        ),
        without(
            "flows/settings.py",
            '_CREDENTIALS.sub(r"\\1***@", repr(fault["input"]))',
            'repr(fault["input"])',
            "flows/test_settings.py::test_a_password_within_a_wrong_address_is_not_shown",
        ),
        without(
            "flows/settings.py",
            "{'; '.join(faults)}\") from None",
            "{'; '.join(faults)}\") from error",
            "flows/test_settings.py::test_a_wrong_secret_is_named_and_not_shown",
        ),
        without(
            "flows/settings.py",
            '        "database_url",\n',
            "",
            "flows/test_settings.py::test_no_secret_is_ever_shown",
        ),
        without(
            "flows/settings.py",
            "self.model_dump(exclude=set(SECRETS))",
            "self.model_dump()",
            "flows/test_settings.py::test_no_secret_is_ever_shown",
        ),
    ),
    guard(
        "What goes to Sentry holds no secret, value or name",
        without(
            "flows/sentry.py",
            'text = text.replace(form, "[segredo]")',
            "pass",
            "flows/test_sentry.py::test_secrets_go_first_also_as_they_stand_in_an_address",
        ),
        without(
            "flows/sentry.py",
            'masked(one.get("value") or "", secrets) if ours else ""',
            'masked(one.get("value") or "", secrets)',
            "flows/test_sentry.py::test_only_what_is_known_to_be_harmless_is_left_of_an_event",
        ),
        without(
            "flows/sentry.py",
            '"context_line", "in_app")',
            '"context_line", "in_app", "vars")',
            "flows/test_sentry.py::test_only_what_is_known_to_be_harmless_is_left_of_an_event",
        ),
        without(
            "flows/sentry.py",
            'return re.split(r":\\s", text, maxsplit=1)[0]',
            "return text",
            "flows/test_sentry.py::test_a_quotation_that_is_cut_short_is_masked_to_the_end",
        ),
        without(
            "flows/sentry.py",
            "except Exception as failure:",
            "except ZeroDivisionError as failure:",
            "flows/test_sentry.py::test_a_sentry_that_is_not_there_changes_nothing_of_the_failure",
        ),
    ),
)
