#!/usr/bin/env python3
"""Writes tokenizers.json: small tokenizers put together at random from the parts that published ones have, and what HF
tokenizers (0.22) makes of texts with them.

    make_tokenizer_cases.py FILE    (needs tokenizers, sentencepiece)
"""

import json
import os
import random
import sys
import tempfile

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

WORDS = ["the", "The", " hello", "don't", "12345678", "3.14", "  ", "\n", "\n\n", "\r\n", "\t", "\u00a0", "\u3000", "\u180e",
         "▁", "▁▁", "_", "a_b", "(x)", "!!", "...", "—", "$5", "a+b", "<s>", "</s>", "<|x|>", "<unk>", "<0x41>", "ab", "AB",
         "Ⅷ", "²", "½", "ﬁ", "e\u0301", "é", "ß", "Σς", "日本", "、", "हिन्दी", "👍🏽", "👨\u200d👩\u200d👧", "ไทย", "i\u0307"]
TOKENS = ["<s>", "</s>", "<|x|>", "the", " hello", "é", "▁▁", "日本", "\n\n", "_", "AB", "ab"]
PATTERNS = [r"\s+$", r"^\s+", r"\p{N}{1,3}+", r"[\r\n]", r"\s?\p{L}+", r" ?\w+", r"\bthe\b", r"[[:punct:]]", r"\p{Han}+",
            r"(?=(\d{3})+(?!\d))", r"[\p{L}&&[^\p{Han}]]+", r"\h+", r"\S+\s*", r"[^ ]*", r"\p{Punct}",
            r"(?i:'s|'t|'ll)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
            r"[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s+(?!\S)|\s+"]
BEHAVIORS = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]


def charsmap():
    """SentencePiece's compiled form of a few rules."""
    rules = "61 62\t78\nFB01\t66 69\n65 301\tE9\n3000\t20\n2160\t49\nBD\t31 2F 32\n"
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "rules.tsv")
        with open(path, "w", encoding="utf-8") as file:
            file.write(rules)
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(["a b c d e f"] * 10), model_prefix=os.path.join(folder, "m"), vocab_size=10,
            hard_vocab_limit=False, normalization_rule_tsv=path, minloglevel=2)
        with open(os.path.join(folder, "m.model"), "rb") as file:
            message = file.read()

    def fields(data):  # of a protocol buffer
        at = 0

        def varint():
            nonlocal at
            value, shift = 0, 0
            while True:
                byte = data[at]
                at += 1
                value |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    return value

        while at < len(data):
            key = varint()
            if key & 7 == 2:
                size = varint()
                yield key >> 3, data[at:at + size]
                at += size
            elif key & 7 == 0:
                varint()
            else:
                at += 4 if key & 7 == 5 else 8

    specification = next(value for number, value in fields(message) if number == 3)
    return next(value for number, value in fields(specification) if number == 2)


def small_models():
    letters = sorted(set("abcdefghijklmnopqrstuvwxyzTheAB0123456789.,'!()$+<>/|_▁ \n\t日本é²½Ⅷहि\u200d👍-"))
    pieces = ["th", "the", "▁the", "▁▁", "he", "hel", "lo", "ll", "hello", "▁h", "ab", "12", "34", "日本", "ld▁", "b▁"]
    merges = [["t", "h"], ["th", "e"], ["▁", "the"], ["▁", "▁"], ["h", "e"], ["he", "l"], ["l", "o"], ["l", "l"], ["▁", "h"],
              ["a", "b"], ["1", "2"], ["3", "4"], ["日", "本"], ["b", "▁"]]
    byte_pieces = [f"<0x{byte:02X}>" for byte in range(256)]
    merged = [left + right for left, right in merges]
    vocabulary = ["<unk>"] + byte_pieces + letters + [piece for piece in merged if piece not in letters]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    byte_merges = [["t", "h"], ["th", "e"], ["Ġ", "the"], ["h", "e"], ["Ġ", "Ġ"], ["l", "l"], ["1", "2"], ["Ċ", "Ċ"], ["Ã", "©"]]
    return {
        "sp": {"type": "BPE", "vocab": {piece: i for i, piece in enumerate(vocabulary)}, "merges": merges,
               "unk_token": "<unk>", "byte_fallback": True, "fuse_unk": True},
        "bytes": {"type": "BPE", "merges": byte_merges,
                  "vocab": {piece: i for i, piece in enumerate(alphabet + [a + b for a, b in byte_merges])}},
        "unigram": {"type": "Unigram", "unk_id": 0, "byte_fallback": True,
                    "vocab": [["<unk>", 0.0]] + [[piece, -9.0] for piece in byte_pieces] +
                             [[piece, -4.0 - 0.01 * i] for i, piece in enumerate(letters)] +
                             [[piece, -3.0 - 0.1 * i] for i, piece in enumerate(pieces)]},
    }


def some(r, parts):
    return r.choice(parts)()


def pattern(r):
    return r.choice([" ", "▁", "ab", ".", "\n"]) if r.random() < 0.25 else Regex(r.choice(PATTERNS))


def normalizer(r, rules):
    n = normalizers
    one = [n.NFC, n.NFKC, n.NFD, n.Lowercase, lambda: n.Strip(left=False), n.StripAccents, lambda: n.Prepend("▁"),
           lambda: n.Replace(pattern(r), r.choice(["▁", "", "xy"])), lambda: n.Precompiled(rules)]
    roll = r.random()
    if roll < 0.35:
        return None
    if roll < 0.5:
        return n.Sequence([n.Prepend("▁"), n.Replace(" ", "▁")])
    return n.Sequence([some(r, one) for _ in range(r.randrange(1, 3))])


def pre_tokenizer(r, byte_level):
    p = pre_tokenizers
    one = [lambda: p.Split(pattern(r), r.choice(BEHAVIORS), invert=r.random() < 0.3),
           lambda: p.Metaspace(prepend_scheme=r.choice(["always", "first", "never"]), split=r.random() < 0.5),
           lambda: p.Digits(individual_digits=r.random() < 0.5), lambda: p.Punctuation(behavior=r.choice(BEHAVIORS)),
           p.Whitespace, p.WhitespaceSplit, lambda: p.CharDelimiterSplit("_")]
    parts = [some(r, one) for _ in range(r.choice([0, 1, 1, 2]))]
    if byte_level:
        parts.append(p.ByteLevel(add_prefix_space=r.random() < 0.3, use_regex=r.random() < 0.5))
    return p.Sequence(parts) if parts else None


def decoder(r):
    d = decoders
    one = [d.ByteFallback, d.Fuse, lambda: d.Strip(r.choice([" ", "▁"]), r.randrange(3), r.randrange(2)), d.ByteLevel,
           lambda: d.Replace(pattern(r), r.choice([" ", "", "xy"])), lambda: d.Metaspace(prepend_scheme=r.choice(["first", "never"]))]
    if r.random() < 0.4:
        return d.Sequence([d.Replace("▁", " "), d.ByteFallback(), d.Fuse(), d.Strip(" ", 1, 0)])
    return d.Sequence([some(r, one) for _ in range(r.randrange(1, 4))])


def main():
    rules, all_models, cases = charsmap(), small_models(), []
    for seed in range(120):
        r = random.Random(seed)
        name = r.choice(list(all_models))
        model = dict(all_models[name])
        empty = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
                 "pre_tokenizer": None, "post_processor": None, "decoder": None, "model": model}
        tokenizer = Tokenizer.from_str(json.dumps(empty))
        if (part := normalizer(r, rules)) is not None:
            tokenizer.normalizer = part
        if (part := pre_tokenizer(r, name == "bytes")) is not None:
            tokenizer.pre_tokenizer = part
        tokenizer.decoder = decoder(r)
        for content in r.sample(TOKENS, r.randrange(5)):
            flags = {key: r.random() < 0.3 for key in ("lstrip", "rstrip", "single_word")}
            tokenizer.add_tokens([AddedToken(content, normalized=r.random() < 0.5, special=r.random() < 0.5, **flags)])
        if r.random() < 0.4 and (id_of := tokenizer.token_to_id("<s>")) is not None:
            tokenizer.post_processor = processors.TemplateProcessing(
                single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", id_of)])
        texts = ["".join(r.choice(WORDS) + r.choice(["", " ", " "]) for _ in range(r.randrange(1, 10))) for _ in range(4)]
        try:
            plain = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
            framed = [tokenizer.encode(text).ids for text in texts]
            decoded = [tokenizer.decode(ids, skip_special_tokens=False) for ids in plain]
        except BaseException:  # it panics on some overlapping added tokens
            continue
        file = json.loads(tokenizer.to_str())
        parts = {key: file[key] for key in ("added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder")}
        cases.append({"seed": seed, "model": name, "parts": parts, "texts": texts, "ids": plain, "framed": framed,
                      "decoded": decoded})
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump({"models": all_models, "cases": cases}, file, ensure_ascii=True, separators=(",", ":"))


if __name__ == "__main__":
    main()
