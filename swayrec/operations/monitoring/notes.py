"""What could not be judged and why, a sentence each: none of it counts as drift."""

from collections.abc import Sequence

from swayrec.operations.monitoring.scales import NONE, OTHER
from swayrec.operations.monitoring.seen_window import SeenWindow
from swayrec.operations.monitoring.sentence import Sentence
from swayrec.operations.monitoring.window import Window, time
from swayrec.operations.monitoring.wording import TITLES
from swayrec.tables.scenario_monitoring import Check

NAMED = 5
"""Groups that a sentence names, at most."""

USUAL_SHARE = 0.01
"""A group is missed where it usually has this share of all events."""


def too_few(window: Window, events: int, users: int, least: int) -> Sentence:
    """No traffic, or next to none."""
    if not events:
        return Sentence(
            f"There was no traffic from {window.told}: nothing of it is judged.",
            f"{window.told} 期间没有任何事件，不作判定。",
        )
    return Sentence(
        f"{users} users came from {window.told}, and {least} are needed (least_users): nothing of it is judged.",
        f"{window.told} 期间只有 {users} 位用户，少于所需的 {least} 位（least_users），不作判定。",
    )


def absent(seen: SeenWindow) -> list[Sentence]:
    """Behaviors and categories that are usual and did not occur: what is told by them alone is not compared."""
    found = []
    for family, en, zh in (("behaviors", "behavior", "行为"), ("categories", "category", "类别")):
        usual, now = seen.usual[family], seen.now[family].sums.sum((0, 1))
        then = usual.by_window.sum(0)
        missed = [
            label
            for label, before, here in zip(usual.labels, then, now, strict=True)
            if label not in (NONE, OTHER) and not here and before > USUAL_SHARE * then.sum()
        ]
        if missed:
            more = f" and {len(missed) - NAMED} more" if len(missed) > NAMED else ""
            names = ", ".join(missed[:NAMED]) + more
            found.append(
                Sentence(
                    f"No event of {en} {names} came in this window.",
                    f"本窗口没有以下{zh}的事件：{names}。",
                )
            )
    return found


def nothing_shown(window: Window) -> Sentence:
    """No exposures."""
    return Sentence(
        f"Nothing is kept of what was shown from {window.told}: lists are not judged.",
        f"{window.told} 期间没有展示记录，不评判推荐列表。",
    )


def not_mature(lists: int, days: float) -> Sentence:
    """Labels that are not mature."""
    return Sentence(
        f"{lists:,} lists were shown in the last {days:g} days of the window: what comes of them is not known yet, and "
        "is judged with the next.",
        f"有 {lists:,} 个列表展示于窗口最后 {days:g} 天内，结果尚未成熟，将随下一窗口评判。",
    )


def too_young(checks: Sequence[Check], windows: int, needed: int) -> Sentence:
    """A champion that has not shown enough yet to say what is usual of it."""
    return Sentence(
        f"{', '.join(TITLES[name].en for name in checks)}: not judged yet, {windows} of {needed} windows say what is "
        "usual for this champion.",
        f"{'、'.join(TITLES[name].zh for name in checks)}：暂不判定，当前冠军模型只有 {windows} 个窗口"
        f"（需 {needed} 个）可作常态参考。",
    )


def clock_jumped(events: int, last: float, end: float) -> Sentence:
    """A clock that jumps: a few events lie far after all others."""
    return Sentence(
        f"{events:,} events lie far after all others, up to {time(last):%Y-%m-%d %H:%M} UTC: a clock jumped; the log "
        f"is taken to end at {time(end):%Y-%m-%d %H:%M}.",
        f"有 {events:,} 个事件远在其他事件之后（最晚 {time(last):%Y-%m-%d %H:%M} UTC），应为时钟跳变；"
        f"视日志结束于 {time(end):%Y-%m-%d %H:%M}。",
    )


def in_the_future(rows: int) -> Sentence:
    """Rows whose time lies in the future; an ingest leaves them out."""
    return Sentence(
        f"{rows:,} rows have a time in the future and were left out: a clock runs ahead.",
        f"有 {rows:,} 行的时间在未来，已排除：某个时钟走快了。",
    )


def nothing_new(window: Window, until: float) -> Sentence:
    """No whole window has passed since the champion learned."""
    return Sentence(
        f"The champion has learned from data up to {time(until):%Y-%m-%d %H:%M} UTC; no whole window has passed since, "
        "so there is nothing to judge.",
        f"冠军模型的训练数据截至 {time(until):%Y-%m-%d %H:%M} UTC，此后尚无完整窗口，无可判定。",
    )
