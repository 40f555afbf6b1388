// Python's json.dumps.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "engine/text/jinja/operators.h"
#include "engine/text/utf8.h"

namespace vernier::jinja {
namespace {

class JsonWriter {
 public:
  JsonWriter(const JsonStyle& style, Budget& budget) : style_(style), budget_(budget) {}

  void write(const Value& value) {
    const DepthGuard guard(budget_);
    budget_.step();
    budget_.check_output(out_.size());
    switch (value.type()) {
      case Type::kNone:
        out_ += "null";
        return;
      case Type::kBool:
        out_ += value.as_bool() ? "true" : "false";
        return;
      case Type::kInt:
        out_ += std::to_string(value.as_int());
        return;
      case Type::kFloat:
        out_ += number(value.as_double());
        return;
      case Type::kString:
        write_text(value.text());
        return;
      case Type::kList:
      case Type::kTuple:
        write_list(value.list().items);
        return;
      case Type::kDict:
        write_dict(value.dict().items);
        return;
      default:
        throw RenderError("Object of type " + type_name(value) + " is not JSON serializable");
    }
  }

  std::string take() { return std::move(out_); }

 private:
  static std::string number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
    return float_repr(value);
  }

  void newline(int level) {
    if (!style_.indent) return;
    out_ += '\n';
    for (int i = 0; i < level; ++i) out_ += *style_.indent;
    budget_.check_output(out_.size());
  }

  void write_list(const std::vector<Value>& items) {
    if (items.empty()) {
      out_ += "[]";
      return;
    }
    out_ += '[';
    ++level_;
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out_ += style_.item_separator;
      newline(level_);
      write(items[i]);
    }
    newline(--level_);
    out_ += ']';
  }

  void write_dict(const std::vector<std::pair<Value, Value>>& items) {
    if (items.empty()) {
      out_ += "{}";
      return;
    }
    std::vector<const std::pair<Value, Value>*> order;
    order.reserve(items.size());
    for (const auto& item : items) order.push_back(&item);
    if (style_.sort_keys) {
      std::stable_sort(order.begin(), order.end(),
                       [&](const auto* a, const auto* b) { return compare(a->first, b->first, "<", budget_) < 0; });
    }
    out_ += '{';
    ++level_;
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (i > 0) out_ += style_.item_separator;
      newline(level_);
      write_key(order[i]->first);
      out_ += style_.key_separator;
      write(order[i]->second);
    }
    newline(--level_);
    out_ += '}';
  }

  void write_key(const Value& key) {
    switch (key.type()) {
      case Type::kString:
        write_text(key.text());
        return;
      case Type::kNone:
        out_ += "\"null\"";
        return;
      case Type::kBool:
        out_ += key.as_bool() ? "\"true\"" : "\"false\"";
        return;
      case Type::kInt:
        out_ += '"' + std::to_string(key.as_int()) + '"';
        return;
      case Type::kFloat:
        out_ += '"' + number(key.as_double()) + '"';
        return;
      default:
        throw RenderError("keys must be str, int, float, bool or None, not " + type_name(key));
    }
  }

  void escape(std::uint32_t code) {
    char text[16];
    std::snprintf(text, sizeof text, "\\u%04x", code);
    out_ += text;
  }

  void write_text(std::string_view text) {
    budget_.make(text.size());
    out_ += '"';
    while (!text.empty()) {
      const char c = text.front();
      const auto byte = static_cast<std::uint8_t>(c);
      std::size_t length = 1;
      if (c == '"' || c == '\\') {
        out_ += '\\';
        out_ += c;
      } else if (byte < 0x20u) {
        static constexpr std::string_view kLetters = "btn?fr";  // from U+0008 on
        if (byte >= 8 && byte <= 13 && byte != 11) {
          out_ += '\\';
          out_ += kLetters[byte - 8u];
        } else {
          escape(byte);
        }
      } else if (byte < 0x80u) {
        out_ += c;
      } else {
        const Utf8Char decoded = decode_utf8(text);
        length = decoded.length;
        if (!style_.ensure_ascii) {
          out_ += text.substr(0, length);
        } else if (decoded.code_point >= 0x10000u && decoded.code_point != kBadUtf8) {
          escape(0xD800u + ((decoded.code_point - 0x10000u) >> 10));
          escape(0xDC00u + ((decoded.code_point - 0x10000u) & 0x3FFu));
        } else {
          escape(decoded.code_point == kBadUtf8 ? 0xFFFDu : decoded.code_point);
        }
      }
      text.remove_prefix(length);
    }
    out_ += '"';
  }

  const JsonStyle& style_;
  Budget& budget_;
  std::string out_;
  int level_ = 0;
};

}  // namespace

std::string json_dumps(const Value& value, const JsonStyle& style, Budget& budget) {
  JsonWriter writer(style, budget);
  writer.write(value);
  return writer.take();
}

}  // namespace vernier::jinja
