"""What Ibis's expressions mean on DuckDB, said in Spark's SQL: the two differ where Ibis leaves it to the engine."""

from typing import Any

import sqlglot as sg
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from ibis.expr import datatypes as dt
from ibis.expr import operations as ops
from sqlglot import expressions as sge

SHOWN = "swayrec_shown"
"""The function that a session must know by this name: :func:`shown`."""

_MIDNIGHT = " 24:00:00"


def shown(value: float | None) -> str | None:
    """A floating-point number as text: Java writes 1.0E7 where DuckDB and Python write 10000000.0."""
    return None if value is None else repr(value)


class LikeDuckDB(PySparkCompiler):
    """Rows are known by their text and times by how they are written, so both must be read alike."""

    def visit_Hash(self, op: ops.Hash, *, arg: Any) -> Any:  # noqa: N802
        """Of 64 bits: Spark's `hash` has 32, and among 100,000 rows two would be taken for one."""
        return self.f.anon.xxhash64(arg)

    def visit_Cast(self, op: ops.Cast, *, arg: Any, to: dt.DataType) -> Any:  # noqa: N802
        """To text as DuckDB shows it."""
        kind = op.arg.dtype
        if to.is_string() and kind.is_floating():
            return self.f.anon[SHOWN](arg)
        text = super().visit_Cast(op, arg=arg, to=to)
        if to.is_string() and kind.is_timestamp() and kind.timezone:
            return self.f.concat(text, sge.convert("+00"))
        return text

    def visit_TryCast(self, op: ops.TryCast, *, arg: Any, to: dt.DataType) -> Any:  # noqa: N802
        """Of text, what DuckDB takes for a number or a time."""
        if op.arg.dtype.is_string() and to.is_numeric():
            # Java reads digits of every script, DuckDB those of ASCII with underscores between them.
            ascii_only = self.if_(self.f.anon.rlike(arg, "^[ -~]*$"), arg, sge.Null())
            arg = self.f.anon.regexp_replace(ascii_only, "(?<=[0-9])_(?=[0-9])", "")
        if op.arg.dtype.is_string() and to.is_timestamp():
            return self._instant(arg, to)
        return super().visit_TryCast(op, arg=arg, to=to)

    def _instant(self, text: Any, to: dt.Timestamp) -> Any:
        replaced = self.f.anon.regexp_replace
        plain = replaced(text, "^([0-9]+)[-/]([0-9]+)[-/]([0-9]+)", "$1-$2-$3")
        plain = replaced(plain, "^([-0-9]+)[T ]+", "$1 ")
        plain = replaced(plain, "^([-0-9]+ [0-9]+:[0-9]+)(?![0-9:])", "$1:00")
        # An offset without a colon stands right behind the seconds, or nowhere.
        plain = self.if_(self.f.anon.rlike(plain, r"\s[+-][0-9]{4}$"), sge.Null(), plain)
        late = sge.convert(_MIDNIGHT)
        moved = self.f.anon.replace(plain, late, sge.convert(" 00:00:00"))
        kind = self.type_mapper.from_ibis(to)
        found = sge.TryCast(this=moved, to=kind, safe=True)
        day = sge.Interval(this=sge.convert("1"), unit=sge.Var(this="DAY"))
        found = self.if_(self.f.anon.contains(plain, late), found + day, found)
        if not to.timezone:
            return found
        # The hour that an autumn's night has twice is the second of the two to DuckDB, the first to Spark.
        zone = self.f.anon.regexp_extract(plain, " ([A-Za-z]+/[A-Za-z_/+-]+)$", 1)
        local = sge.TryCast(this=self.f.anon.regexp_replace(moved, " [A-Za-z]+/.*$", ""), to=kind, safe=True)
        hour = sge.Interval(this=sge.convert("1"), unit=sge.Var(this="HOUR"))
        again = self.f.anon.from_utc_timestamp(found + hour, self.if_(zone.eq(""), "UTC", zone)).eq(local)
        return self.if_(sg.and_(zone.neq(""), again), found + hour, found)

    def visit_IsNull(self, op: ops.IsNull, *, arg: Any) -> Any:  # noqa: N802
        """NaN is a value."""
        return arg.is_(sge.Null())

    def visit_NotNull(self, op: ops.NotNull, *, arg: Any) -> Any:  # noqa: N802
        """NaN is a value."""
        return arg.is_(sg.not_(sge.Null()))

    def visit_IsInf(self, op: ops.IsInf, *, arg: Any) -> Any:  # noqa: N802
        """Ibis's own is always false."""
        return sg.or_(arg.eq(self.POS_INF), arg.eq(self.NEG_INF))

    def visit_TimestampFromUNIX(self, op: ops.TimestampFromUNIX, *, arg: Any, unit: Any) -> Any:  # noqa: N802
        """Of whole seconds, also beyond what fits into their text."""
        return self.f.anon.timestamp_seconds(arg)

    def visit_IntervalFromInteger(self, op: ops.IntervalFromInteger, *, arg: Any, unit: Any) -> Any:  # noqa: N802
        """Microseconds as well, which Ibis does not know on Spark."""
        if unit.short != "us":
            return super().visit_IntervalFromInteger(op, arg=arg, unit=unit)
        exact = dt.Decimal(18, 6)
        return self.f.anon.make_dt_interval(0, 0, 0, self.cast(self.cast(arg, exact) / 1_000_000, exact))
