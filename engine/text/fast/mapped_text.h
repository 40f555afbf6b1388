// A text on its way through normalizers, and where its bytes came from.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vernier {

// origin[i] is the byte of the source from which text[i] was made; empty while text is the source itself.
struct MappedText {
  std::string text;
  std::vector<std::size_t> origin;

  std::size_t origin_of(std::size_t i) const { return origin.empty() ? i : origin[i]; }
};

// Builds the next text from pieces of the last one.
class MappedBuilder {
 public:
  MappedBuilder(const MappedText& from, bool track) : from_(from), track_(track) {}

  // Bytes [begin, end) as they are.
  void keep(std::size_t begin, std::size_t end) {
    out_.text.append(from_.text, begin, end - begin);
    if (track_) {
      for (std::size_t i = begin; i < end; ++i) out_.origin.push_back(from_.origin_of(i));
    }
  }
  // A new text that stands for what begins at `at`.
  void put(std::string_view text, std::size_t at) {
    out_.text += text;
    if (track_) {
      const std::size_t end = from_.origin.empty() ? from_.text.size() : from_.origin.back();
      out_.origin.insert(out_.origin.end(), text.size(), at < from_.text.size() ? from_.origin_of(at) : end);
    }
  }
  std::size_t size() const { return out_.text.size(); }
  MappedText take() { return std::move(out_); }

 private:
  const MappedText& from_;
  bool track_;
  MappedText out_;
};

}  // namespace vernier
