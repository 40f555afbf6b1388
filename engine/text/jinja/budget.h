// What one rendering may use. Templates come from strangers: nothing they do may run, write or nest without end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace vernier::jinja {

struct Limits {
  std::uint64_t steps = 20'000'000;    // nodes evaluated, items visited, and 64 bytes of text looked at
  std::uint64_t bytes = 512ull << 20;  // all values made during one rendering, together
  std::size_t output = 64ull << 20;    // length of the result
  int depth = 1000;                    // nodes being evaluated inside each other
  std::uint32_t value_depth = 500;     // lists in lists
};
// Of the template's source: what the parser accepts inside each other.
inline constexpr int kMaxSourceDepth = 300;
inline constexpr std::size_t kMaxSourceBytes = 4ull << 20;

// What a template raises while it is rendered; `line` is added on the way up.
class RenderError : public std::runtime_error {
 public:
  explicit RenderError(const std::string& message) : std::runtime_error(message) {}
};
// The same where one of the limits is reached: nothing in a template puts this off.
class LimitError : public RenderError {
 public:
  using RenderError::RenderError;
};
// A template that does not parse.
class SyntaxError : public std::runtime_error {
 public:
  SyntaxError(const std::string& message, int at_line) : std::runtime_error(message), line(at_line) {}
  int line;
};

class Budget {
 public:
  explicit Budget(const Limits& limits) : limits_(limits) {}

  void step(std::uint64_t count = 1) {
    steps_ += count;
    if (steps_ > limits_.steps)
      throw LimitError("the template takes more than " + std::to_string(limits_.steps) + " steps: limit reached");
  }
  // `count` bytes of text are looked at.
  void look(std::size_t count) { step(1 + count / 64); }
  // A text is sought in `count` bytes, which in the worst case takes a nanosecond or more a byte.
  void search(std::size_t count) { step(1 + count / 8); }
  // A value of `count` bytes is made; called before it is.
  void make(std::uint64_t count) {
    step(1 + count / 256);
    if (count > limits_.bytes - bytes_)
      throw LimitError("the template makes more than " + std::to_string(limits_.bytes >> 20) +
                       " MiB of values: limit reached");
    bytes_ += count;
  }
  // `count` parts of `size` bytes.
  void make_many(std::uint64_t count, std::uint64_t size) {
    make(count > limits_.bytes ? limits_.bytes + 1 : count * size);
  }
  void check_output(std::size_t size) const {
    if (size > limits_.output)
      throw LimitError("the text is longer than " + std::to_string(limits_.output >> 20) + " MiB: limit reached");
  }
  void check_value_depth(std::uint32_t depth) const {
    if (depth > limits_.value_depth)
      throw LimitError("values are nested deeper than " + std::to_string(limits_.value_depth) + ": limit reached");
  }
  void enter() {
    if (++depth_ > limits_.depth) {
      throw LimitError("the template recurses deeper than " + std::to_string(limits_.depth) + ": limit reached");
    }
  }
  void leave() { --depth_; }

 private:
  Limits limits_;
  std::uint64_t steps_ = 0;
  std::uint64_t bytes_ = 0;
  int depth_ = 0;
};

class DepthGuard {
 public:
  explicit DepthGuard(Budget& budget) : budget_(budget) { budget_.enter(); }
  ~DepthGuard() { budget_.leave(); }
  DepthGuard(const DepthGuard&) = delete;
  DepthGuard& operator=(const DepthGuard&) = delete;

 private:
  Budget& budget_;
};

}  // namespace vernier::jinja
