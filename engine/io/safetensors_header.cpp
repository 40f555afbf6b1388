#include "engine/io/safetensors_header.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_set>

#include "engine/io/atomic_file.h"
#include "engine/io/safetensors.h"
#include "vernier/error.h"

namespace vernier {
namespace {

using nlohmann::json;
using Tensor = SafetensorsHeader::Tensor;

// More dimensions than any library can hold.
constexpr std::size_t kMaxDimensions = 64;

[[noreturn]] void bad(const std::string& file, const std::string& why) {
  fail(ErrorCode::kInvalidInput, file,
       "not a valid safetensors file: " + why + ". It may be damaged or incompletely downloaded.");
}

// Names come from strangers and go into messages.
std::string shown(const std::string& name) {
  return name.size() <= 100 ? name : name.substr(0, 97) + "...";
}

// Reads the header as it is parsed, so that what is not needed takes no memory. Unknown members of a tensor's entry
// are skipped, as the reference implementation does.
class HeaderReader : public nlohmann::json_sax<json> {
 public:
  HeaderReader(SafetensorsHeader& header, const std::string& file) : header_(header), file_(file) {}

  bool null() override {
    if (level_ == 1 && key_ == "__metadata__") return true;
    return other("null");
  }
  bool boolean(bool) override { return other("true or false"); }
  bool number_integer(number_integer_t) override { return other("a negative number"); }
  bool number_float(number_float_t, const string_t&) override { return other("a fractional or too large number"); }
  bool binary(binary_t&) override { return other("binary data"); }

  bool number_unsigned(number_unsigned_t value) override {
    if (level_ != 3 || field_ == Field::kUnknown) return other("a number");
    if (field_ == Field::kShape) {
      if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        bad(file_, "a dimension of " + shown(tensor_.name) + " is too large");
      }
      if (tensor_.shape.size() == kMaxDimensions) bad(file_, shown(tensor_.name) + " has too many dimensions");
      tensor_.shape.push_back(static_cast<std::int64_t>(value));
    } else {
      if (num_offsets_ == 2) bad_entry("data_offsets", "more than two numbers", "two numbers");
      (num_offsets_++ == 0 ? tensor_.begin : tensor_.end) = value;
    }
    return true;
  }

  bool string(string_t& value) override {
    if (level_ == 2 && in_metadata_) {
      if (!header_.metadata.emplace(key_, std::move(value)).second) {
        bad(file_, "the metadata key " + shown(key_) + " is there twice");
      }
      return true;
    }
    if (level_ == 2 && field_ == Field::kDType) {
      dtype_ = std::move(value);
      return true;
    }
    return other("a string");
  }

  bool start_object(std::size_t) override {
    if (level_ == 0) {
      // The header itself.
    } else if (level_ == 1) {
      in_metadata_ = key_ == "__metadata__";
      if (!in_metadata_) start_tensor();
    } else if (field_ != Field::kUnknown || in_metadata_) {
      return other("an object");
    }
    return deeper();
  }
  bool end_object() override {
    if (--level_ == 1 && !in_metadata_) finish_tensor();
    return true;
  }
  bool start_array(std::size_t) override {
    if (level_ == 2 && !in_metadata_ && (field_ == Field::kShape || field_ == Field::kOffsets)) return deeper();
    if (level_ < 2 || field_ != Field::kUnknown || in_metadata_) return other("a list");
    return deeper();
  }
  bool end_array() override {
    --level_;
    return true;
  }

  bool key(string_t& value) override {
    if (level_ == 1) {
      if (!names_.insert(value).second) bad(file_, "the name " + shown(value) + " is there twice");
      key_ = std::move(value);
    } else if (level_ == 2 && in_metadata_) {
      key_ = std::move(value);
    } else if (level_ == 2) {
      field_ = value == "dtype"          ? Field::kDType
               : value == "shape"        ? Field::kShape
               : value == "data_offsets" ? Field::kOffsets
                                         : Field::kUnknown;
      if (field_ != Field::kUnknown) {
        bool& seen = seen_[static_cast<std::size_t>(field_)];
        if (seen) bad(file_, value + " of " + shown(tensor_.name) + " is there twice");
        seen = true;
      }
    }
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const json::exception&) override {
    bad(file_, "its header is not valid JSON at byte " + std::to_string(position == 0 ? 0 : position - 1));
  }

 private:
  enum class Field { kDType, kShape, kOffsets, kUnknown };

  bool deeper() {
    if (++level_ > kMaxJsonDepth) bad(file_, "its header is nested too deeply");
    return true;
  }

  // A value where the format has something else, unless it belongs to an unknown member.
  bool other(const std::string& got) {
    if (level_ == 0) bad(file_, "its header is " + got + " instead of an object");
    if (level_ == 1) bad(file_, "the entry of " + shown(key_) + " is " + got + " instead of an object");
    if (in_metadata_) bad(file_, "the metadata value of " + shown(key_) + " is " + got + " instead of a string");
    switch (field_) {
      case Field::kDType:
        bad_entry("dtype", got, "a string");
      case Field::kShape:
        bad_entry("shape", got, "a list of whole numbers");
      case Field::kOffsets:
        bad_entry("data_offsets", got, "two whole numbers");
      case Field::kUnknown:
        break;
    }
    return true;
  }
  [[noreturn]] void bad_entry(const char* field, const std::string& got, const char* expected) {
    bad(file_, std::string(field) + " of " + shown(tensor_.name) + " holds " + got + ", expected " + expected);
  }

  void start_tensor() {
    tensor_ = Tensor{};
    tensor_.name = key_;
    dtype_.clear();
    num_offsets_ = 0;
    field_ = Field::kUnknown;
    std::fill(std::begin(seen_), std::end(seen_), false);
  }
  void finish_tensor() {
    constexpr const char* kFields[] = {"dtype", "shape", "data_offsets"};
    for (std::size_t i = 0; i < 3; ++i) {
      if (!seen_[i]) bad(file_, shown(tensor_.name) + " has no " + kFields[i]);
    }
    if (num_offsets_ != 2) bad_entry("data_offsets", "too few numbers", "two numbers");
    const std::optional<DType> dtype = dtype_from_string(dtype_);
    if (!dtype) {
      fail(ErrorCode::kUnsupported, file_,
           shown(tensor_.name) + ": element type " + shown(dtype_) + " is not supported, expected F32, F16 or BF16.");
    }
    tensor_.dtype = *dtype;
    header_.tensors.push_back(std::move(tensor_));
  }

  SafetensorsHeader& header_;
  const std::string& file_;
  std::unordered_set<std::string> names_;
  int level_ = 0;  // open objects and lists
  bool in_metadata_ = false;
  Field field_ = Field::kUnknown;
  std::string key_;
  std::string dtype_;
  Tensor tensor_;
  int num_offsets_ = 0;
  bool seen_[3] = {};
};

// Nothing where the size does not fit 64 bits.
std::optional<std::uint64_t> bytes_of(const Tensor& tensor) {
  std::uint64_t bytes = size_of(tensor.dtype);
  bool overflow = false;
  for (const std::int64_t dimension : tensor.shape) {
    overflow |= __builtin_mul_overflow(bytes, static_cast<std::uint64_t>(dimension), &bytes);
  }
  if (overflow) return std::nullopt;
  return bytes;
}

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view text, std::uint64_t data_bytes, const std::string& file) {
  // nlohmann would skip a byte order mark and take a NUL for the end.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    bad(file, "its header is not valid JSON at byte " + std::to_string(nul));
  }
  if (text.starts_with("\xef\xbb\xbf")) bad(file, "its header is not valid JSON at byte 0");
  SafetensorsHeader header;
  HeaderReader reader(header, file);
  json::sax_parse(text, &reader);

  std::sort(header.tensors.begin(), header.tensors.end(),
            [](const Tensor& a, const Tensor& b) { return a.begin != b.begin ? a.begin < b.begin : a.end < b.end; });
  std::uint64_t position = 0;
  for (const Tensor& tensor : header.tensors) {
    const std::string name = shown(tensor.name);
    if (tensor.end < tensor.begin) {
      bad(file, name + " ends at byte " + std::to_string(tensor.end) + ", before its start at " +
                    std::to_string(tensor.begin));
    }
    if (tensor.begin != position) {
      bad(file, name + " starts at byte " + std::to_string(tensor.begin) + ", expected " + std::to_string(position) +
                    " (tensors overlap or leave a hole)");
    }
    position = tensor.end;
    const std::optional<std::uint64_t> expected = bytes_of(tensor);
    if (!expected) bad(file, name + " has the impossible shape " + shape_to_string(tensor.shape));
    if (tensor.end - tensor.begin != *expected) {
      bad(file, name + " has " + std::to_string(tensor.end - tensor.begin) + " bytes, expected " +
                    std::to_string(*expected) + " for " + std::string(to_string(tensor.dtype)) + " " +
                    shape_to_string(tensor.shape));
    }
  }
  if (position != data_bytes) {
    bad(file, "its tensors take " + std::to_string(position) + " bytes, but " + std::to_string(data_bytes) +
                  " follow the header");
  }
  return header;
}

}  // namespace vernier
