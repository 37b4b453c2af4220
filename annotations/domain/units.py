"""What a hand takes at once: the paragraphs, sentences and quotations of a text.

All are extents in code points, trimmed of white space, in reading order, and none crosses a
paragraph (as domain/segments cuts them). docs/adr/0011 says why the rules are our own.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from annotations.domain.extents import Extent, trim
from annotations.domain.segments import paragraphs


@dataclass(frozen=True, slots=True)
class Units:
    """The units of one text. quotations: outer ones before those within them.

    stops: of each sentence whether it ends with a full stop of its own, and not with that of an
    abbreviation or of a quotation.
    """

    sentences: tuple[Extent, ...]
    paragraphs: tuple[Extent, ...]
    quotations: tuple[Extent, ...]
    stops: tuple[bool, ...]


def units(text: str, language: str = "") -> Units:
    """All units of `text`. language: BCP 47, empty if not known; only sentences ask for it."""
    frames = paragraph_units(text)
    pairs = _paired(text, frames)
    found: list[Extent] = []
    for frame, inside in zip(frames, pairs, strict=True):
        found.extend(_sentences(text, frame, inside, _abbreviations(language)))
    quoted = tuple(pair.extent for inside in pairs for pair in inside if pair.quotes)
    stops = tuple(_ends_in_own_stop(text, each, _abbreviations(language)) for each in found)
    return Units(tuple(found), tuple(frames), quoted, stops)


def paragraph_units(text: str) -> list[Extent]:
    """The words of each paragraph; blank paragraphs are left out."""
    frames = (trim(text, paragraph.words) for paragraph in paragraphs(text))
    return [frame for frame in frames if len(frame)]


def sentences(text: str, language: str = "") -> list[Extent]:
    """The sentences of `text`: every code point that is no white space lies in exactly one.

    None ends inside a quotation, as `quotations` gives them, or inside brackets that close in
    their paragraph. So “We won. They lost,” he said. is one. A mark that begins no quotation
    holds nothing together. language: BCP 47; empty counts as English.
    """
    return list(units(text, language).sentences)


def quotations(text: str) -> list[Extent]:
    """The quotations of `text` with their marks, by start, of equal starts the longest first.

    Two of them lie apart or one within the other. The marks of one may differ, as long as both
    are double or both are single. A mark that its paragraph leaves open begins a quotation up
    to that paragraph's last word if the next paragraph opens with a mark of the same kind:
    speech goes on like that. Otherwise it begins none.
    """
    return list(units(text).quotations)


def closed_quotations(text: str, extent: Extent) -> list[list[Extent]]:
    """The quotations of the paragraphs that `extent` touches, each as its parts, by start.

    Speech that goes on over paragraphs has a part in each, the others one. Left out is what
    those paragraphs do not close. No other paragraph is read.
    """
    start = text.rfind("\n", 0, extent.start) + 1
    end = text.find("\n", extent.end)
    touched = paragraph_units(text[start : end if end >= 0 else len(text)])
    frames = [Extent(start + frame.start, start + frame.end) for frame in touched]
    found: list[list[Extent]] = []
    begun: list[Extent] = []  # the parts of what goes on in the next paragraph
    for frame, pairs in zip(frames, _paired(text, frames), strict=True):
        before, begun = begun, []
        for pair in (pair for pair in pairs if pair.quotes):
            parts = before if pair.extent.start == frame.start else []
            parts.append(pair.extent)
            if pair.goes_on:
                begun = parts
            else:
                found.append(parts)
    return sorted(found)


def quotation_form(words: str) -> str:
    """The form of a quote by its shape: a key of the label's `form`.

    direct: no word lies outside quotation marks, though the last may be missing.
    scare: as direct, but one quotation of three words at most, with no comma or stop
    (in Chinese and Japanese: three characters).
    mixed: some words lie in marks and some outside. Without any marks: block if there are
    several sentences or paragraphs, else indirect.
    """
    outer: list[Extent] = []
    for frame in paragraph_units(words):
        # Cut out of its text, a quotation may lack its end: as if the next paragraph had it.
        pairs = _pairs(words, frame, lead=_lead(words, frame))
        outer.extend(_outermost(pair.extent for pair in pairs if pair.quotes))
    if not outer:
        return "block" if len(sentences(words)) > 1 else "indirect"
    edges = [0, *(edge for extent in outer for edge in (extent.start, extent.end)), len(words)]
    if any(_WORD.search(words, *gap) for gap in zip(edges[::2], edges[1::2], strict=True)):
        return "mixed"
    first = outer[0].of(words)
    brief = len(outer) == 1 and len(_COUNTED.findall(first)) <= 3
    return "scare" if brief and not _CLAUSE.search(first) else "direct"


_WORD = re.compile(r"\w")
_COUNTED = re.compile(r"[\u3040-\u9fff\U00020000-\U0003ffff]|[^\W\u3040-\u9fff]\S*")
_CLAUSE = re.compile(r"[.,;:!?…、。！，：；？،؟۔।](?![\w-])")


# Quotations and brackets -------------------------------------------------------------------


class _Role(Enum):
    """What the characters beside a mark make of it."""

    OPENS = 1
    CLOSES = 2
    EITHER = 3  # what is unclosed before it decides
    OWNS = 4  # the journalists’ work: an apostrophe, unless nothing else closes


class _Mark(NamedTuple):
    """A quotation mark or bracket in a text. Only those of one kind make a pair."""

    char: str
    kind: int
    start: int
    end: int
    role: _Role


class _Pair(NamedTuple):
    """From a mark to the one that closes it.

    quotes: or else they are brackets. goes_on: nothing closes it; the next paragraph goes on.
    """

    extent: Extent
    quotes: bool
    goes_on: bool = False


_KINDS = ('“”„‟〝〞〟"＂', "‘’‚‛'", "«»", "‹›", "「」｢｣", "『』", "()（）", "[]［］【】")
_KIND = {char: kind for kind, chars in enumerate(_KINDS) for char in chars}
_SINGLE, _FIRST_CORNER, _FIRST_BRACKET = 1, 4, 6
_YIELDING = {_SINGLE, *range(_FIRST_BRACKET, len(_KINDS))}  # close nothing across other marks
_OPENERS = frozenset("“„‟〝‘‚‛«‹「｢『(（[［【")
_CLOSERS = frozenset("”〞〟’»›」｣』)）]］】")
_FOREIGN_OPENER = {"“": "„", "‘": "‚", "«": "»", "‹": "›"}  # what these close in German
# A mark takes the accents and variation selectors on it along: no grapheme is cut.
_MARK = re.compile(rf"([{re.escape(''.join(_KIND))}])[\u0300-\u036f\ufe00-\ufe0f]*")

_BEFORE_OPENING = _OPENERS | frozenset("{<>=:/|¿¡–—-")
_AFTER_CLOSING = (_CLOSERS - {"›"}) | frozenset(".,;:!?…}<>/|–—-、。！，：；？،؛؟۔।")
_ELISION = re.compile(
    r"(?:\d0s|s|t|d|m|n|ll|re|ve|em|tis|twas|til|till|cause|cos|bout)\b", re.IGNORECASE
)
_GOES_ON = re.compile(r"\s{1,2}\w")


def _paired(text: str, frames: list[Extent]) -> list[list[_Pair]]:
    """The pairs of each of the paragraphs at `frames`, which follow each other."""
    leads = [*(_lead(text, frame) for frame in frames[1:]), None]
    return [_pairs(text, frame, lead) for frame, lead in zip(frames, leads, strict=False)]


def _pairs(text: str, frame: Extent, lead: int | None) -> list[_Pair]:
    """The quotations and brackets of a paragraph, by start, of equal starts the longest first.

    lead: the kind of mark that the next paragraph opens with, if it does. Marks with nothing
    between them make no pair.
    """
    found: list[_Pair] = []
    unclosed: list[_Mark] = []
    waiting: Counter[str | int] = Counter()  # of the unclosed: how many a character, a kind
    worded = read = frame.start  # where the last words ended; how far we are
    for mark in _settled(list(_marks(text, frame))):
        if text[read : mark.start].strip():
            worded = mark.start
        read = mark.end
        if _opens(mark, waiting):
            unclosed.append(mark)
            waiting.update((mark.char, mark.kind))
        elif (opener := _taken(mark, unclosed, waiting)) and worded > opener.start:
            extent = Extent(opener.start, mark.end)
            found.append(_Pair(extent, quotes=mark.kind < _FIRST_BRACKET))
    if read < frame.end:
        worded = frame.end
    left = next((mark for mark in reversed(unclosed) if mark.kind == lead), None)
    if left and worded > left.start:
        found.append(_Pair(Extent(left.start, frame.end), quotes=True, goes_on=True))
    return sorted(found, key=lambda pair: (pair.extent.start, -pair.extent.end))


def _lead(text: str, frame: Extent) -> int | None:
    """The kind of quotation mark that the paragraph opens with, if it does."""
    match = _MARK.match(text, frame.start, frame.end)
    if match is None or _KIND[match[1]] >= _FIRST_BRACKET:
        return None
    role = _role(text, match, frame)
    opens = role is _Role.OPENS or (role is _Role.EITHER and match[1] not in _CLOSERS)
    return _KIND[match[1]] if opens else None


def _outermost(extents: Iterable[Extent]) -> Iterator[Extent]:
    """Those that lie in no other; `extents` by start, of equal starts the longest first."""
    reach = 0
    for extent in extents:
        if extent.start >= reach:
            reach = extent.end
            yield extent


def _marks(text: str, frame: Extent) -> Iterator[_Mark]:
    """The marks and brackets of a paragraph, without what can only be an apostrophe."""
    for match in _MARK.finditer(text, frame.start, frame.end):
        if role := _role(text, match, frame):
            yield _Mark(match[1], _KIND[match[1]], *match.span(), role)


def _role(text: str, match: re.Match[str], frame: Extent) -> _Role | None:
    char, (start, end) = match[1], match.span()
    kind = _KIND[char]
    if kind >= _FIRST_CORNER:
        return _Role.OPENS if char in _OPENERS else _Role.CLOSES
    before = text[start - 1] if start > frame.start else " "
    after = text[end] if end < frame.end else " "
    if kind == _SINGLE:
        return _role_of_single(text, match, before, after)
    if char == '"' and "א" <= before <= "ת" and "א" <= after <= "ת":
        return None  # gershayim
    return _leaning(before, after)


def _role_of_single(text: str, match: re.Match[str], before: str, after: str) -> _Role | None:
    char, (start, end) = match[1], match.span()
    if before.isalnum() and after.isalnum() and not (_is_unspaced(before) or _is_unspaced(after)):
        return None  # don’t, l’été
    if not before.isalnum() and _ELISION.match(text, end):
        return None
    role = _leaning(before, after)
    if char == "‚":  # looks like a comma, and is often used as one
        return role if role is _Role.OPENS else None
    if char == "’" and role is not _Role.CLOSES:
        return None if role is _Role.OPENS else _Role.CLOSES
    if role is _Role.CLOSES and (before in "sS" or text[max(start - 2, 0) : start] == "in"):
        return _Role.OWNS if _GOES_ON.match(text, end) else role
    return role


def _leaning(before: str, after: str) -> _Role:
    """The side to which a mark turns, by the characters beside it."""
    opens = before.isspace() or before in _BEFORE_OPENING or (before in "\"'»›" and after.isalnum())
    closes = after.isspace() or after in _AFTER_CLOSING
    if opens == closes:
        return _Role.EITHER
    return _Role.OPENS if opens else _Role.CLOSES


def _is_unspaced(char: str) -> bool:
    """Whether it is of a script that sets no blanks between words: Chinese, Japanese."""
    return "\u3000" <= char <= "\u9fff" or "\U00020000" <= char <= "\U0003ffff"


def _settled(marks: list[_Mark]) -> list[_Mark]:
    """`marks` without those that own: ‘The journalists’ work is hard,’ closes at its end.

    Where no surer mark follows before the next opening one, they close: the ‘terrorists’ left.
    """
    kept: list[_Mark] = []
    surer = False
    for mark in reversed(marks):
        if mark.role is _Role.OWNS:
            if surer:
                continue
            mark = mark._replace(role=_Role.CLOSES)
        elif mark.kind == _SINGLE:
            surer = mark.role is _Role.CLOSES
        kept.append(mark)
    return kept[::-1]


def _opens(mark: _Mark, waiting: Counter[str | int]) -> bool:
    """Whether the mark opens, given what is unclosed before it."""
    if mark.role is _Role.OPENS:  # » and ” open as well, in texts that do so
        return mark.char not in _CLOSERS or waiting[mark.kind] == waiting[mark.char]
    if mark.role is _Role.CLOSES:
        return mark.char in _OPENERS and not waiting[mark.kind]
    if mark.char in _OPENERS:
        return not waiting[_FOREIGN_OPENER.get(mark.char, "")]
    return mark.char not in _CLOSERS and not waiting[mark.kind]


def _taken(mark: _Mark, unclosed: list[_Mark], waiting: Counter[str | int]) -> _Mark | None:
    """Take what `mark` closes from `unclosed`, with whatever was left open after it."""
    if not waiting[mark.kind] or (mark.kind in _YIELDING and unclosed[-1].kind != mark.kind):
        return None
    while True:
        opener = unclosed.pop()
        waiting.subtract((opener.char, opener.kind))
        if opener.kind == mark.kind:
            return opener


# Sentences ---------------------------------------------------------------------------------


class _Abbreviations(NamedTuple):
    """Words that are written with a full stop, as one language has them.

    Those given in small letters are also known in others.
    """

    never: frozenset[str]  # no sentence ends after them: Mr.
    rarely: frozenset[str]  # one ends only before a starter: Inc.
    numbered: frozenset[str]  # none ends before a number: No. 5
    starters: frozenset[str]  # words that begin sentences, seldom names
    ordinals: bool  # 5. may be the fifth


_STOP = re.compile(r"[.!?…‥‼⁇⁈⁉‽؟۔।॥።፧։။៕。！？｡]+")
_UNSPACED_STOPS = frozenset("。！？｡")
_FOLLOWING = re.compile(r"(\s*)[\s\"'“‘„‚«»‹›(\[¿¡–—*•·-]*(\w*)")
_NUMBER_OF_A_LIST = re.compile(r"\W*(?:\d{1,3}|[^\W\d]|[ivx]*)", re.IGNORECASE)
_JOINT = re.compile(r"[-–—/'’(\[“‘\"„«]")
_INITIALS = re.compile(r"(?:[^\W\d_]{1,2}\.)*[^\W\d_]|(?:[^\W\d_]{1,2}\.)+[^\W\d_]{2}")
_SPEAKER = re.compile(  # “Why?” Putin asked.
    r"(?!(?:He|She|It|They|We|I|You)\b)(?:[A-Z][\w.’'-]{0,30}\s){1,4}"
    r"(?:said|says|asked|asks|added|told \w+|replied|wrote|warned|exclaimed|wondered)"
    r"(?=[.,;:]|\s(?:on|in|at|to|as|when|during|after)\b|\Z)"
)


def _sentences(
    text: str, frame: Extent, pairs: list[_Pair], known: _Abbreviations
) -> Iterator[Extent]:
    """The sentences of one paragraph, none of its `pairs` broken."""
    held = list(_outermost(pair.extent for pair in pairs))
    starts = [extent.start for extent in held]
    opened = {pair.extent.start for pair in pairs if pair.quotes}
    closed = {pair.extent.end for pair in pairs if pair.quotes}
    begun = frame.start
    for stop in _STOP.finditer(text, frame.start, frame.end):
        end = _past_marks(text, Extent(stop.end(), frame.end), opened, closed)
        around = bisect_left(starts, end) - 1
        if around >= 0 and end < held[around].end:
            continue
        following = _FOLLOWING.match(text, end, frame.end)
        assert following  # it matches even nothing
        start = following.end(1)
        if start == frame.end:
            break
        if start == end and end not in opened:
            accented = unicodedata.category(text[end])[0] in "MC"
            if stop[0][-1] not in _UNSPACED_STOPS or end in closed or accented:
                continue  # 「…。」と述べた goes on
        spoken = end in closed and _SPEAKER.match(text, start, frame.end) is not None
        if not spoken and _ends(text, begun, stop, following, known):
            yield Extent(begun, end)
            begun = start
    yield Extent(begun, frame.end)


def _past_marks(text: str, rest: Extent, opened: set[int], closed: set[int]) -> int:
    """Past the closing marks and brackets at the start of `rest`."""
    at = rest.start
    while at < rest.end and at not in opened:
        if text[at] in _CLOSERS or text[at] in "\"'“‘«‹＂":
            at += 1
        elif text[at].isspace() and at + 2 in closed:  # « Oui. »
            at += 2
        else:
            break
    return at


def _ends(
    text: str,
    begun: int,
    stop: re.Match[str],
    following: re.Match[str],
    known: _Abbreviations,
) -> bool:
    """Whether the sentence that began at `begun` ends with `stop`."""
    if stop[0][-1] in _UNSPACED_STOPS:
        return True
    before = text[stop.start() - 1] if stop.start() > begun else " "
    start, word = following.end(1), following[2]
    spaced_dots = text[start] in ".!?" and not text.startswith("..", start)
    if before in "([" or spaced_dots or (word[:1].islower() and not word[1:2].isupper()):
        return False  # of those in small letters only iPhone and the like begin one
    if stop.start() - begun <= 6 and _NUMBER_OF_A_LIST.fullmatch(text, begun, stop.start()):
        return False
    if "…" in stop[0] or ".." in stop[0]:
        return not before.isspace()  # words left out, or a voice that trails off
    return stop[0] != "." or not _is_abbreviated(text, begun, stop.start(), following, known)


def _ends_in_own_stop(text: str, sentence: Extent, known: _Abbreviations) -> bool:
    """Whether it ends in one full stop, which shortens no word: "left for Acme Inc." does not."""
    dot = sentence.end - 1
    if len(sentence) < 2 or text[dot] != "." or text[dot - 1] in ".…":
        return False
    shortened, spellings = _shortened(text, sentence.start, dot)
    initials = len(shortened) > 1 and _INITIALS.fullmatch(shortened)
    return not (initials or spellings & (known.never | known.rarely))


def _shortened(text: str, begun: int, dot: int) -> tuple[str, set[str]]:
    """The word before the full stop at `dot`, and the ways in which it may be listed."""
    words = text[max(begun, dot - 24) : dot].split()
    shortened = _JOINT.split(words[-1])[-1] if words else ""
    spellings = {shortened}
    if len(shortened) > 1:  # a single capital is an initial
        spellings.add(shortened.lower())
    if shortened.isupper():
        spellings.add(shortened.capitalize())
    return shortened, spellings


def _is_abbreviated(
    text: str, begun: int, dot: int, following: re.Match[str], known: _Abbreviations
) -> bool:
    """Whether the full stop at `dot` only shortens the word before it."""
    shortened, spellings = _shortened(text, begun, dot)
    if spellings & known.never:
        return True
    if spellings & known.numbered:
        return following[2][:1].isdigit()
    ordinal = known.ordinals and len(shortened) <= 2 and shortened.isdecimal()
    if ordinal or spellings & known.rarely or _INITIALS.fullmatch(shortened):
        tail = text[following.end() : following.end() + 1]
        whole_word = not tail or tail.isspace() or tail in ",’'"
        return not (whole_word and following[2] in known.starters)
    return False


def _abbreviations(language: str) -> _Abbreviations:
    return _KNOWN.get(language.split("-")[0].lower(), _KNOWN[""])


def _known(language: str) -> _Abbreviations:
    never, rarely, numbered, starters = _WORDS.get(language, _WORDS["en"])
    return _Abbreviations(
        frozenset(f"dr prof vs cf डॉ {never}".split()),
        frozenset(f"etc St Jr Sr Inc Ltd Corp Co {rarely}".split()),
        frozenset(f"No Nr p pp vol art fig {numbered}".split()),
        frozenset(starters.split()),
        language in _ORDINALS,
    )


_ORDINALS = frozenset("cs da de et fi hr hu is lv nb nn no pl sk sl sr tr".split())
_WORDS = {  # language: never, rarely, numbered, starters
    "en": (
        "Mr Mrs Ms Mx Messrs Drs Gen Lt Col Maj Capt Cpl Sgt Cmdr Adm Brig Pvt Sen Sens Rep Reps "
        "Gov Govs Pres Rev Hon Supt Insp Det Amb Sec Fr viz approx e.g i.e",
        "al Bros Esq LLC Ave Blvd Rd Mt Ft Dept Univ Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov "
        "Dec Mon Tue Tues Wed Thu Thurs Fri Ariz Calif Colo Conn Fla Ga Ill Md Mich Minn Neb Nev "
        "Okla Pa Tenn Tex Va Wis",
        "no nos ch chap sec par para pt ver",
        "The He She It They We I You This That These Those There Here His Her Their Our Its My "
        "In On At By For From With As If When While After Before Since Until Although Though "
        "Because But And Or So Yet Then Now What Who Why How Where Which A An Some Many Most All "
        "Both Each No Not Yes However Meanwhile Still Also Instead Asked Despite During Under "
        "Over According To",
    ),
    "de": (
        "hr hrn fr frl dres dipl ing bzw ca vgl sog inkl zzgl ggf evtl gen sen z.b d.h u.a v.a "
        "i.d.r a b d h i u v z",
        "usw usf bspw str Jan Feb Apr Aug Sep Sept Okt Nov Dez Mio Mrd Mo Di Mi Do Sa So",
        "abs ziff kap bd s nrn",
        "Der Die Das Den Dem Ein Eine Er Sie Es Wir Ihr Ich Man Dies Diese Dieser Und Aber Doch "
        "Denn Im In Am An Auf Bei Mit Nach Vor Zu Zum Für Von Als Wenn Weil Dann Dort Hier Auch "
        "So Was Wer Wie Wo Nun Damit Seit",
    ),
    "fr": (
        "M MM Mme Mmes Mlle Me Mgr gén col cdt ste env c.-à-d p.ex",
        "av apr bd janv févr juil sept oct nov déc",
        "n no nos chap al",
        "Le La Les L Un Une Des Du Il Elle Ils Elles On Ce C Cette Ces Ceci Cela Je Nous Vous Et "
        "Mais Ou Or Donc Car En Dans À Au Aux Pour Par Sur Avec Sans Selon Si Quand Lors Après "
        "Avant Depuis Puis Alors Son Sa Ses Leur Leurs Qui Que Quoi D Y",
    ),
    "es": (
        "sr sra srta sres d dª dra dres lic ing gral gob mons fr sto sta p.ej",
        "ud uds av avda EE UU aprox",
        "n núm nº pág págs cap",
        "El La Los Las Un Una Lo Al Del Él Ella Ellos Ellas Se Su Sus Es Este Esta Esto Ese Esa "
        "Yo Nosotros Y Pero O En Con Por Para De Desde Sin Según Si Cuando Como Tras Después "
        "Antes Entonces Luego No Sí Que Qué Quién",
    ),
    "it": (
        "sig sigg sigra sig.ra dott dott.ssa avv ing on sen gen col cap mons arch geom rag",
        "ecc feb apr giu lug ott nov dic",
        "n nn pag pagg",
        "Il Lo La I Gli Le L Un Una Uno Egli Lui Lei Loro Si È E Ma O In Con Per Da Di Del Della "
        "Dal Al Nel Nella A Su Sul Secondo Se Quando Come Dopo Prima Poi Questo Questa Non Sì Che "
        "Chi",
    ),
    "pt": (
        "sr sra srs sras d dra drs dras exmo exma eng gen cel pe av",
        "ltda aprox jan fev abr jun jul ago nov dez",
        "n nº núm pág págs cap",
        "O A Os As Um Uma Ele Ela Eles Elas Se Seu Sua É Este Esta Isto Esse Essa Isso Eu Nós E "
        "Mas Ou Em No Na Nos Nas Com Por Para De Do Da Desde Sem Segundo Quando Como Após Depois "
        "Antes Então Não Sim Que Quem",
    ),
    "nl": (
        "dhr mr mw mevr drs ing ir mgr gen kol bijv ca d.w.z o.a m.b.t resp",
        "enz e.d jan feb mrt apr jun jul aug sept okt nov dec",
        "nrs blz hfst",
        "De Het Een Hij Zij Ze Wij We Ik Je Dit Dat Deze Die Er En Maar Of In Op Aan Bij Met Na "
        "Naar Om Onder Over Te Tot Uit Van Voor Volgens Als Toen Dan Daar Hier Ook Niet Wat Wie",
    ),
    "pl": (
        "p gen płk mjr kpt ks św ul al pl tzw np m.in red inż mgr",
        "itd itp tys mln mld zł godz im woj",
        "str s ust pkt",
        "On Ona Ono Oni To Ten Ta Te Jest I A Ale Lub W We Z Ze Na Do Od Po Przed Przy Dla Jak Gdy "
        "Kiedy Jeśli Według Nie Tak Co Kto",
    ),
    "ru": (
        "проф г-н г-жа ул просп пл корп акад ген полк напр т.е т.н т.к",
        "гг вв им тыс млн млрд трлн руб долл обл др т.д т.п",
        "стр ст с п пп рис гл ч",
        "Он Она Оно Они Мы Вы Я Это Этот Эта Эти В Во На С Со К По О Об От До За Из У При После И "
        "А Но Или Если Когда Как Так Также Не Нет Да Его Её Их Все Что Кто",
    ),
    "uk": (
        "проф п вул просп пл корп акад ген напр т.зв тобто",
        "рр ім тис млн млрд грн обл ін т.д т.п",
        "стор ст с рис гл ч",
        "Він Вона Воно Вони Ми Ви Я Це Цей Ця Ці У В На З Із До По Про Від За При Після І Й Та А "
        "Але Або Якщо Коли Як Так Також Не Ні Його Її Їх Усі Що Хто",
    ),
}
_KNOWN = {language: _known(language) for language in ["", *_WORDS, *_ORDINALS]}
