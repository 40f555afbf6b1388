// Text to token ids and back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace vernier {

// A token and the byte of the text at which it begins; kNotInText for what the tokenizer added. Tokens that spell one
// character byte by byte all begin where the character does.
struct PlacedToken {
  static constexpr std::size_t kNotInText = static_cast<std::size_t>(-1);
  std::int32_t id = 0;
  std::size_t begin = 0;
  bool operator==(const PlacedToken&) const = default;
};

// Thread: const members may be called from several threads at once.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  // Reads a model folder's tokenizer. Throws Error{kNotFound} where it has none, kInvalidInput where it is damaged.
  static std::unique_ptr<Tokenizer> load(const std::string& model_dir);

  virtual std::int32_t vocab_size() const = 0;
  // add_special_tokens: what the checkpoint's own rules add (usually BOS). Special tokens written in the text are
  // recognised either way, as Transformers does. `stop` is looked at within a long text too: Error{kCancelled}.
  virtual std::vector<std::int32_t> encode(std::string_view text, bool add_special_tokens,
                                           const std::stop_token& stop) const = 0;
  std::vector<std::int32_t> encode(std::string_view text, bool add_special_tokens) const {
    return encode(text, add_special_tokens, {});
  }
  // The same ids, with their places in the text, which rise. For labels: which side of a border a token lies on.
  virtual std::vector<PlacedToken> encode_placed(std::string_view text, bool add_special_tokens,
                                                 const std::stop_token& stop) const = 0;
  std::vector<PlacedToken> encode_placed(std::string_view text, bool add_special_tokens) const {
    return encode_placed(text, add_special_tokens, {});
  }
  // skip_special_tokens leaves control tokens out. Bytes that are no UTF-8 become U+FFFD.
  virtual std::string decode(const std::vector<std::int32_t>& ids, bool skip_special_tokens) const = 0;
  // The piece as the vocabulary spells it ("\u2581the", "<0x0A>", "<s>"); "" for an id out of range.
  virtual std::string piece(std::int32_t id) const = 0;
  virtual bool is_special(std::int32_t id) const = 0;
  virtual std::optional<std::int32_t> bos_id() const = 0;
  virtual std::optional<std::int32_t> eos_id() const = 0;
  // The text of bos and eos ("<s>"), "" where there is none: chat templates ask for them.
  virtual std::string bos_token() const = 0;
  virtual std::string eos_token() const = 0;
};

// Decodes a growing sequence of ids and gives out only complete characters.
class StreamDecoder {
 public:
  explicit StreamDecoder(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {}
  // The text that `id` completes; often "", while a character is unfinished.
  std::string push(std::int32_t id);
  // What is left at the end.
  std::string finish();

 private:
  const Tokenizer& tokenizer_;
  std::vector<std::int32_t> ids_;
  std::string given_;  // of the decoded text of ids_, what is out
  int spoilt_ = 0;     // ids since the decoded text last began with it
};

// The ids of a conversation by the chat template of a model folder, up to where the assistant's answer begins.
// messages: a list of {"role": ..., "content": ...}, as Transformers takes it. Errors: kNotFound where the folder has
// no template, kInvalidInput for messages that the template refuses.
std::vector<std::int32_t> encode_chat(const std::string& model_dir, const Tokenizer& tokenizer,
                                      const nlohmann::json& messages);

}  // namespace vernier
