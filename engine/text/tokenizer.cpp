#include "vernier/tokenizer.h"

#include <filesystem>

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
  const auto model = folder / "tokenizer.model";
  if (std::filesystem::is_regular_file(model, status)) {
    return load_sentencepiece_tokenizer(model.string(), TokenizerConfig::load(model_dir));
  }
  fail(ErrorCode::kNotFound, model_dir, "the model folder has no tokenizer: expected tokenizer.model.");
}

std::string StreamDecoder::push(std::int32_t id) {
  ids_.push_back(id);
  const std::string text = tokenizer_.decode(ids_, /*skip_special_tokens=*/true);
  const std::size_t end = complete_end(text);
  std::string out;
  if (end > given_) {
    out = text.substr(given_, end - given_);
    given_ = end;
  }
  // Start afresh from the last id, as long as what it decodes to alone says where the next id's text begins.
  if (ids_.size() >= kMaxWindow && given_ == text.size()) {
    const std::string last = tokenizer_.decode({id}, true);
    if (!last.empty() && complete_end(last) == last.size()) {
      ids_.assign(1, id);
      given_ = last.size();
    }
  }
  return out;
}

std::string StreamDecoder::finish() {
  const std::string text = tokenizer_.decode(ids_, true);
  std::string out = text.size() > given_ ? text.substr(given_) : std::string();
  ids_.clear();
  given_ = 0;
  return out;
}

}  // namespace vernier
