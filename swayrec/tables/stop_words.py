"""Function words of English and Chinese: words that say nothing about what a text is about."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ENGLISH = _words(
    """
    a an the this that these those
    i me my mine myself we us our ours ourselves you your yours yourself yourselves
    he him his himself she her hers herself it its itself they them their theirs themselves one ones
    who whom whose which what when where why how
    am is are was were be been being do does did doing done have has had having
    can could may might must shall should will would ought
    and or but nor so yet if then else than because as while until though although unless since whether
    of at by for with about against between among into onto through during before after above below to from
    up down in out on off over under near upon within without across along around behind beyond
    toward towards per via again further once here there now just also too very only even still ever
    all any both each every few more most much many other others another some such no not none
    yes please etc own same several often never always
    i'm you're he's she's it's we're they're i've you've we've they've i'd you'd he'd she'd we'd they'd
    i'll you'll he'll she'll we'll they'll isn't aren't wasn't weren't don't doesn't didn't hasn't haven't
    hadn't can't couldn't won't wouldn't shouldn't mustn't that's there's what's who's let's
    """
)
"""Articles, pronouns, auxiliaries, conjunctions, prepositions and the commonest adverbs, lower case."""

CHINESE = _words(
    """
    的 地 得 了 着 过 们 吗 呢 吧 啊 呀 哦 嗯 嘛 啦 哇 哈 么 之 所 者 其 而 且 与 及 以 于 则 乃 矣 也
    我 你 您 他 她 它 咱 我们 你们 您们 他们 她们 它们 咱们 自己 大家 别人 人家 某 某些
    这 那 这个 那个 这些 那些 这里 那里 这儿 那儿 这样 那样 这么 那么 此 该 本 各 每 每个 另 另外
    什么 哪 哪个 哪些 哪里 谁 怎么 怎样 怎么样 如何 为什么 为何 多少 几 何
    是 有 没有 没 不 不是 别 无 非 未 在 到 从 自 向 往 朝 对 对于 关于 由 由于 被 把 将 让 给 叫 使 令 用
    跟 和 同 或 或者 还是 以及 并 并且 而且 但 但是 可是 然而 不过 却 如果 若 要是 假如 虽然 尽管 即使
    因为 所以 因此 于是 既然 只要 只有 除非 无论 不管
    就 才 都 还 又 再 很 太 更 最 非常 十分 特别 比较 相当 已 已经 曾 曾经 正 正在 刚 刚刚 将要 马上
    一直 总是 常常 往往 只 仅 仅仅 只是 全 全部
    能 能够 会 可以 可能 应 应该 应当 要 想 想要 得以 必须 需要 愿意
    上 下 里 内 外 中 前 后 之前 之后 之间 以前 以后 时 时候 等 等等 般 似的 一样
    一 一个 一些 一下 一点 一种 个 些 种 次 位 件
    的话 来 去 起来 出来 下来 下去 上来 上去 过来 过去
    這 那個 這個 這些 這裡 那裡 這樣 那樣 這麼 那麼 們 我們 你們 他們 她們 它們 什麼 誰 怎麼 為什麼 為何
    嗎 麼 著 過 與 於 則 沒有 沒 無 從 對 對於 關於 讓 給 還是 還 並 並且 雖然 儘管 因為 卻 會 能夠
    應 應該 應當 個 種 後 裡 內 來 時 時候
    """
)
"""Particles, pronouns, prepositions, conjunctions, modal verbs, measure words; simplified and traditional."""
