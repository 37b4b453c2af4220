"""How spaCy numbers strings: by a hash, save for some words that it keeps for itself."""

# In order of their numbers, from 0 on; "*" stands for a run of names that end in numbers.
_RESERVED = """
IS_ALPHA IS_ASCII IS_DIGIT IS_LOWER IS_PUNCT IS_SPACE IS_TITLE IS_UPPER LIKE_URL LIKE_NUM
LIKE_EMAIL IS_STOP IS_OOV_DEPRECATED IS_BRACKET IS_QUOTE IS_LEFT_PUNCT IS_RIGHT_PUNCT IS_CURRENCY
FLAG* ID ORTH LOWER NORM SHAPE PREFIX SUFFIX LENGTH CLUSTER LEMMA POS TAG DEP ENT_IOB ENT_TYPE
HEAD SENT_START SPACY PROB LANG ADJ ADP ADV AUX CONJ CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT
SCONJ SYM VERB X EOL SPACE DEPRECATED* PERSON NORP FACILITY ORG GPE LOC PRODUCT EVENT WORK_OF_ART
LANGUAGE LAW DATE TIME PERCENT MONEY QUANTITY ORDINAL CARDINAL acomp advcl advmod agent amod appos
attr aux auxpass cc ccomp complm conj cop csubj csubjpass dep det dobj expl hmod hyph infmod intj
iobj mark meta neg nmod nn npadvmod nsubj nsubjpass num number oprd obj obl parataxis partmod pcomp
pobj poss possessive preconj prep prt punct quantmod relcl rcmod root xcomp acl ENT_KB_ID MORPH
ENT_ID IDX _
""".split()
_RUNS = {
    "FLAG*": [f"FLAG{number}" for number in range(19, 64)],
    "DEPRECATED*": [f"DEPRECATED{number:03d}" for number in range(1, 277)],
}
RESERVED = {
    name: number
    for number, name in enumerate(
        ["", *(name for names in _RESERVED for name in _RUNS.get(names, [names]))]
    )
}
_64_BITS = 2**64 - 1
_MULTIPLIER = 0xC6A4A7935BD1E995
_SHIFT = 47
_SEED = 1


def number_of(string: str) -> int:
    """The unsigned 64-bit number by which spaCy 3 knows the string."""
    reserved = RESERVED.get(string)
    return murmur(string.encode()) if reserved is None else reserved


def murmur(data: bytes) -> int:
    """MurmurHash2 in its 64-bit variant A, with spaCy's seed."""
    result = _SEED ^ (len(data) * _MULTIPLIER & _64_BITS)
    whole = len(data) & ~7
    for at in range(0, whole, 8):
        block = int.from_bytes(data[at : at + 8], "little") * _MULTIPLIER & _64_BITS
        block = (block ^ (block >> _SHIFT)) * _MULTIPLIER & _64_BITS
        result = (result ^ block) * _MULTIPLIER & _64_BITS
    if len(data) > whole:
        result = (result ^ int.from_bytes(data[whole:], "little")) * _MULTIPLIER & _64_BITS
    result = (result ^ (result >> _SHIFT)) * _MULTIPLIER & _64_BITS
    return result ^ (result >> _SHIFT)
