#include "engine/text/fast/pre_tokenizer.h"

#include <nlohmann/json.hpp>

#include "engine/text/fast/oniguruma.h"
#include "engine/text/fast/regex.h"
#include "vernier/error.h"

namespace vernier {
namespace {

// tokenizers' SplitDelimiterBehavior.
enum class Split { kRemoved, kIsolated, kMergedWithPrevious, kMergedWithNext, kContiguous };

// Cuts one word at the matches of `pattern`; with `invert`, what lies between them are the matches.
void split_word(std::string_view text, WordRange word, const Regex& pattern, Split behavior, bool invert,
                std::vector<WordRange>& out) {
  struct Part {
    std::size_t begin, end;
    bool match;
  };
  const std::string_view part_of = text.substr(word.begin, word.end - word.begin);
  Regex::Search search(pattern, part_of);
  if (behavior == Split::kIsolated) {  // the common case needs no list
    std::size_t done = 0;
    for (std::size_t begin = 0, end = 0; search.next(begin, end); done = end) {
      if (begin > done) out.push_back({word.begin + done, word.begin + begin});
      if (end > begin) out.push_back({word.begin + begin, word.begin + end});
    }
    if (done < part_of.size()) out.push_back({word.begin + done, word.end});
    return;
  }
  std::vector<Part> parts;
  std::size_t done = 0;
  for (std::size_t begin = 0, end = 0; search.next(begin, end); done = end) {
    if (begin > done) parts.push_back({done, begin, invert});
    parts.push_back({begin, end, !invert});
  }
  if (done < part_of.size()) parts.push_back({done, part_of.size(), invert});

  const std::size_t first = out.size();
  const auto push = [&](const Part& part) { out.push_back({word.begin + part.begin, word.begin + part.end}); };
  bool previous_match = false;
  switch (behavior) {
    case Split::kIsolated:
    case Split::kRemoved:
      for (const Part& part : parts) {
        if (!part.match) push(part);
      }
      break;
    case Split::kContiguous:
      for (const Part& part : parts) {
        if (out.size() > first && part.match == previous_match) {
          out.back().end = word.begin + part.end;
        } else {
          push(part);
        }
        previous_match = part.match;
      }
      break;
    case Split::kMergedWithPrevious:
      for (const Part& part : parts) {
        if (part.match && !previous_match && out.size() > first) {
          out.back().end = word.begin + part.end;
        } else {
          push(part);
        }
        previous_match = part.match;
      }
      break;
    case Split::kMergedWithNext:
      for (std::size_t i = parts.size(); i-- > 0;) {
        const Part& part = parts[i];
        if (part.match && !previous_match && out.size() > first) {
          out.back().begin = word.begin + part.begin;
        } else {
          push(part);
        }
        previous_match = part.match;
      }
      std::reverse(out.begin() + static_cast<std::ptrdiff_t>(first), out.end());
      break;
  }
  const auto empty = [](const WordRange& range) { return range.begin == range.end; };
  out.erase(std::remove_if(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(), empty), out.end());
}

class SplitPreTokenizer final : public PreTokenizer {
 public:
  SplitPreTokenizer(Regex pattern, Split behavior, bool invert)
      : pattern_(std::move(pattern)), behavior_(behavior), invert_(invert) {}
  void apply(WordList& list, bool, bool) const override {
    std::vector<WordRange> out;
    out.reserve(list.words.size() + list.text.text.size() / 4);
    for (const WordRange& word : list.words) split_word(list.text.text, word, pattern_, behavior_, invert_, out);
    list.words = std::move(out);
  }

 private:
  Regex pattern_;
  Split behavior_;
  bool invert_;
};

// Whether the first word is where the text begins: asked before the text is put together anew from the words.
bool note_start(WordList& list) {
  list.starts = list.starts && !list.words.empty() && list.words.front().begin == 0;
  return list.starts;
}

// Gives every word whose text does not begin with `space` that text in front; or only one at the beginning.
void prepend_to_words(WordList& list, const std::string& space, bool only_first_word, bool track) {
  MappedBuilder out(list.text, track);
  std::vector<WordRange> words;
  words.reserve(list.words.size());
  bool first = note_start(list);
  for (const WordRange& word : list.words) {
    const std::size_t begin = out.size();
    const bool has = list.text.text.compare(word.begin, space.size(), space) == 0;
    if (!has && (first || !only_first_word)) out.put(space, word.begin);
    out.keep(word.begin, word.end);
    words.push_back({begin, out.size()});
    first = false;
  }
  list.text = out.take();
  list.words = std::move(words);
}

class ByteLevel final : public PreTokenizer {
 public:
  ByteLevel(bool add_prefix_space, bool use_regex, const std::string& place) : add_prefix_space_(add_prefix_space) {
    // GPT-2's pattern (Radford et al. 2019).
    if (use_regex) {
      split_ = std::make_unique<SplitPreTokenizer>(
          Regex(R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)", place),
          Split::kIsolated, false);
    }
  }
  void apply(WordList& list, bool first, bool track) const override {
    if (add_prefix_space_) prepend_to_words(list, " ", false, track);
    if (split_) split_->apply(list, first, track);
  }

 private:
  bool add_prefix_space_;
  std::unique_ptr<SplitPreTokenizer> split_;
};

enum class Prefix { kNever, kFirst, kAlways };

class Metaspace final : public PreTokenizer {
 public:
  Metaspace(std::string replacement, Prefix prefix, bool split, const std::string& place)
      : replacement_(std::move(replacement)),
        prefix_(prefix),
        split_(split),
        pattern_(Regex::literal(replacement_, place)) {}
  void apply(WordList& list, bool first, bool track) const override {
    MappedBuilder out(list.text, track);
    std::vector<WordRange> words;
    note_start(list);
    for (const WordRange& word : list.words) {
      const std::size_t begin = out.size();
      for (std::size_t at = word.begin; at < word.end;) {
        const std::size_t space = std::min(list.text.text.find(' ', at), word.end);
        out.keep(at, space);
        if (space < word.end) out.put(replacement_, space);
        at = space + 1;
      }
      words.push_back({begin, out.size()});
    }
    list.text = out.take();
    list.words = std::move(words);
    if (prefix_ == Prefix::kAlways || (prefix_ == Prefix::kFirst && first)) {
      prepend_to_words(list, replacement_, prefix_ == Prefix::kFirst, track);
    }
    if (!split_) return;
    std::vector<WordRange> cut;
    for (const WordRange& word : list.words) {
      split_word(list.text.text, word, pattern_, Split::kMergedWithNext, false, cut);
    }
    list.words = std::move(cut);
  }

 private:
  std::string replacement_;
  Prefix prefix_;
  bool split_;
  Regex pattern_;
};

class PreTokenizerSequence final : public PreTokenizer {
 public:
  explicit PreTokenizerSequence(std::vector<std::unique_ptr<PreTokenizer>> parts) : parts_(std::move(parts)) {}
  void apply(WordList& list, bool first, bool track) const override {
    for (const auto& part : parts_) part->apply(list, first, track);
  }

 private:
  std::vector<std::unique_ptr<PreTokenizer>> parts_;
};

Split split_from(const std::string& name, const std::string& place) {
  if (name == "Removed") return Split::kRemoved;
  if (name == "Isolated") return Split::kIsolated;
  if (name == "MergedWithPrevious") return Split::kMergedWithPrevious;
  if (name == "MergedWithNext") return Split::kMergedWithNext;
  if (name == "Contiguous") return Split::kContiguous;
  fail(ErrorCode::kInvalidInput, place, "pre_tokenizer behavior: got \"" + name + "\", which is not known.");
}

Prefix prefix_from(const nlohmann::json& json, const std::string& place) {
  if (!json.contains("prepend_scheme")) {
    return json.value("add_prefix_space", true) ? Prefix::kAlways : Prefix::kNever;
  }
  const std::string name = json.at("prepend_scheme").get<std::string>();
  if (name == "always") return Prefix::kAlways;
  if (name == "first") return Prefix::kFirst;
  if (name == "never") return Prefix::kNever;
  fail(ErrorCode::kInvalidInput, place, "pre_tokenizer prepend_scheme: got \"" + name + "\", which is not known.");
}

}  // namespace

std::unique_ptr<PreTokenizer> PreTokenizer::from_json(const nlohmann::json& json, const std::string& place) {
  if (json.is_null()) return nullptr;
  const auto splitter = [&](const std::string& pattern, Split behavior, bool invert = false) {
    return std::make_unique<SplitPreTokenizer>(Regex(pattern, place), behavior, invert);
  };
  try {
    const std::string type = json.at("type").get<std::string>();
    if (type == "Sequence") {
      std::vector<std::unique_ptr<PreTokenizer>> parts;
      for (const auto& part : json.at("pretokenizers")) {
        if (auto made = from_json(part, place)) parts.push_back(std::move(made));
      }
      return std::make_unique<PreTokenizerSequence>(std::move(parts));
    }
    if (type == "ByteLevel") {
      return std::make_unique<ByteLevel>(json.value("add_prefix_space", true), json.value("use_regex", true), place);
    }
    if (type == "Metaspace") {
      return std::make_unique<Metaspace>(json.value("replacement", std::string("\xE2\x96\x81")),
                                         prefix_from(json, place), json.value("split", true), place);
    }
    if (type == "Whitespace") {  // \w+|[^\w\s]+ in the terms of Rust's regex crate
      const std::string word = kRustWord;
      return splitter("[" + word + "]+|[^" + word + R"(\s]+)", Split::kRemoved, true);
    }
    if (type == "CharDelimiterSplit") {
      return std::make_unique<SplitPreTokenizer>(Regex::literal(json.at("delimiter").get<std::string>(), place),
                                                 Split::kRemoved, false);
    }
    if (type == "WhitespaceSplit") return splitter(R"(\s)", Split::kRemoved);
    if (type == "Digits") {
      const bool individual = json.value("individual_digits", false);
      return splitter(R"(\p{N})", individual ? Split::kIsolated : Split::kContiguous);
    }
    if (type == "Punctuation") {
      return splitter(R"([\p{P}$+<=>^`|~])", split_from(json.value("behavior", std::string("Isolated")), place));
    }
    if (type == "Split") {
      const auto& pattern = json.at("pattern");
      Regex regex = pattern.contains("String") ? Regex::literal(pattern.at("String").get<std::string>(), place)
                                               : Regex(pattern.at("Regex").get<std::string>(), place);
      return std::make_unique<SplitPreTokenizer>(
          std::move(regex), split_from(json.at("behavior").get<std::string>(), place), json.value("invert", false));
    }
    fail(ErrorCode::kUnsupported, place,
         "pre_tokenizer: got type \"" + type +
             "\", supported are Sequence, Split, ByteLevel, Metaspace, Whitespace, WhitespaceSplit, "
             "CharDelimiterSplit, Digits and Punctuation.");
  } catch (const nlohmann::json::exception&) {
    fail(ErrorCode::kInvalidInput, place, "pre_tokenizer: a member is missing or of the wrong type.");
  }
}

}  // namespace vernier
