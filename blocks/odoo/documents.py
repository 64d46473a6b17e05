"""The declaration of what an entity's documents are in Odoo, besides what is read of them."""

from dataclasses import dataclass, replace
from datetime import timedelta

from blocks.odoo.model import Many, Model, One
from blocks.odoo.records import Domain, Leaf, through

REACH = timedelta(days=180)
"""How old a document may be to be read again since a record changed that it only shows. Older ones keep what they show:
a customer's ten thousandth order must not have all the others read again.
"""


@dataclass(frozen=True)
class Documents:
    """What an entity's documents are in Odoo.

    A path is made of our names in `model`, joined by dots: `linhas.produto.codigo`.

    Attributes:
        model: the declaration of a document, with all that is read of it. It and its `parts` declare their write date
            under the name `written`.
        domain: the Odoo domain that every document matches.
        numbers: paths to the numbers by which people know a document; the first is the document's own number.
        lines: our name of its lines; None if a document has no lines.
        identifying: paths to further fields that tell one row from another, such as a line's product code.
        line_parent: Odoo's field of a line that leads to its document.
        line_domain: what tells the lines from other records of their model with the same parent.
        parts: paths to other records whose change counts as a change of the document, although it does not move the
            document's own write date (`fornecedor`, `linhas.devolucoes`).
        references: paths to records that a document only shows (`cliente`, `linhas.produto`): a change of one counts as
            a change of the documents that were made within `REACH` before it.
        written: our name of the write date.
        scope: a further part of `domain`, by which an installation reads some of the documents only. The others are
            neither listed nor read, and are not taken for deleted.
    """

    model: Model
    domain: Domain
    numbers: tuple[str, ...] = ("numero",)
    identifying: tuple[str, ...] = ()
    lines: str | None = "linhas"
    line_parent: str = ""
    line_domain: Domain = ()
    parts: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    written: str = "escrita"
    scope: Domain = ()

    def within(self, scope: Domain) -> "Documents":
        """The same documents, but only those that match `scope`, too."""
        return replace(self, domain=[*self.domain, *scope], scope=scope)

    @property
    def all_parts(self) -> tuple[str, ...]:
        """The paths to all records whose write dates make up a document's version, besides its own."""
        return (self.lines, *self.parts) if self.lines else self.parts

    @property
    def line_model(self) -> str:
        """The Odoo model of the lines, or of the documents themselves if they have no lines."""
        if self.lines is None:
            return self.model.name
        spec = self.model.fields[self.lines]
        assert isinstance(spec, Many), f"{self.model.name}: {self.lines} is no list"
        return spec.model.name

    @property
    def all_lines(self) -> list[Leaf | str]:
        """The domain of the lines of all documents, on the model of the lines."""
        if self.lines is None:
            return list(self.domain)
        return [*self.line_domain, *through(self.line_parent, self.domain)]

    @property
    def watched(self) -> frozenset[str]:
        """The Odoo models of whose records a change counts as a change of a document: its own, parts and references."""
        return frozenset({self.model.name, *map(self._model_at, (*self.all_parts, *self.references))})

    def _model_at(self, path: str) -> str:
        model = self.model
        for name in path.split("."):
            spec = model.fields[name]
            assert isinstance(spec, One | Many), f"{model.name}: {name} leads nowhere"
            model = spec.model
        return model.name
