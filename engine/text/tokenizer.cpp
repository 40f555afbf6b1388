#include "vernier/tokenizer.h"

#include <algorithm>
#include <filesystem>

#include "engine/text/fast/json_tokenizer.h"
#include "engine/text/sentencepiece_tokenizer.h"
#include "engine/text/utf8.h"
#include "vernier/error.h"

namespace vernier {
namespace {

// A character has at most 4 bytes, so that at most 3 are unfinished; each shows as one U+FFFD.
constexpr int kMaxUnfinished = 3;
// So many ids may pile up before the decoder forgets all but the last.
constexpr std::size_t kMaxWindow = 64;

// Where the complete characters of `text` end: before what may be the beginning of a character.
std::size_t complete_end(std::string_view text) {
  std::size_t end = text.size();
  for (int i = 0; i < kMaxUnfinished && text.substr(0, end).ends_with(kReplacement); ++i) end -= kReplacement.size();
  return end;
}

}  // namespace

std::unique_ptr<Tokenizer> Tokenizer::load(const std::string& model_dir) {
  const std::filesystem::path folder(model_dir);
  std::error_code status;
  if (!std::filesystem::is_directory(folder, status)) {
    fail(ErrorCode::kNotFound, model_dir, "there is no such model folder.");
  }
  // Both describe one vocabulary; the first is the one that Transformers reads.
  const auto fast = folder / "tokenizer.json";
  if (std::filesystem::is_regular_file(fast, status)) {
    return load_json_tokenizer(fast.string(), TokenizerConfig::load(model_dir));
  }
  const auto model = folder / "tokenizer.model";
  if (std::filesystem::is_regular_file(model, status)) {
    return load_sentencepiece_tokenizer(model.string(), TokenizerConfig::load(model_dir));
  }
  fail(ErrorCode::kNotFound, model_dir,
       "the model folder has no tokenizer: expected tokenizer.json or tokenizer.model.");
}

std::string StreamDecoder::push(std::int32_t id) {
  ids_.push_back(id);
  const std::string text = tokenizer_.decode(ids_, /*skip_special_tokens=*/true);
  if (!text.starts_with(given_)) {
    // Some decoders make one unfinished character spoil finished ones beside it; the bytes to come heal that.
    if (++spoilt_ <= kMaxUnfinished) return "";
    ids_.erase(ids_.begin(), ids_.end() - spoilt_);
    given_.clear();
    spoilt_ = 0;
    return finish();
  }
  spoilt_ = 0;
  std::string out = text.substr(given_.size(), std::max(complete_end(text), given_.size()) - given_.size());
  given_ += out;
  // Start afresh from the last id, as long as what it decodes to alone says where the next id's text begins.
  if (ids_.size() >= kMaxWindow && given_.size() == text.size()) {
    const std::string last = tokenizer_.decode({id}, true);
    if (!last.empty() && complete_end(last) == last.size()) {
      ids_.assign(1, id);
      given_ = last;
    }
  }
  return out;
}

std::string StreamDecoder::finish() {
  const std::string text = tokenizer_.decode(ids_, true);
  std::string out;
  if (text.starts_with(given_)) {
    out = text.substr(given_.size());
  } else {
    for (int i = 0; i < spoilt_; ++i) out += kReplacement;  // a character that never came to its end
  }
  ids_.clear();
  given_.clear();
  spoilt_ = 0;
  return out;
}

}  // namespace vernier
