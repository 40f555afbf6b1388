#include "engine/text/jinja/callables.h"

namespace vernier::jinja {

Value Joiner::call(Runtime& runtime, Arguments& arguments) {
  (void)Bound("Joiner.__call__", arguments, {});
  if (used_) return separator_;
  used_ = true;
  return make_string("", runtime.budget);
}

Value Cycler::call(Runtime& /*runtime*/, Arguments& /*arguments*/) {
  throw RenderError("'Cycler' object is not callable");
}

Value Cycler::next() {
  Value out = items_[position_];
  position_ = (position_ + 1) % items_.size();
  return out;
}

LoopContext::LoopContext(Runtime& runtime, const Stmt& stmt, Value source, Ref<Scope> outer, int depth)
    : runtime_(runtime), stmt_(stmt), source_(std::move(source)), outer_(std::move(outer)), depth_(depth) {
  uses_items_ = !source_.is_sequence() && !source_.is(Type::kView) && !source_.is(Type::kIterator);
  if (uses_items_) items_ = items_of(source_, runtime_.budget);
}

bool LoopContext::pull_raw(Value& out) {
  if (source_.is(Type::kIterator)) return source_.iterator().take(out);
  const std::vector<Value>& items = uses_items_ ? items_ : source_.list().items;
  if (next_ >= items.size()) return false;
  out = items[next_++];
  return true;
}

bool LoopContext::pull(Value& out) {
  if (has_rest_) {
    if (rest_next_ >= rest_.size()) return false;
    out = rest_[rest_next_++];
    return true;
  }
  while (pull_raw(out)) {
    runtime_.budget.step();
    if (runtime_.passes(stmt_, out, outer_)) return true;
  }
  return false;
}

bool LoopContext::peek() {
  if (!has_after_) has_after_ = pull(after_);
  return has_after_;
}

bool LoopContext::advance() {
  Value item;
  if (has_after_) {
    item = std::move(after_);
    has_after_ = false;
  } else if (!pull(item)) {
    return false;
  }
  ++index0_;
  previous_ = std::move(current_);
  current_ = std::move(item);
  return true;
}

std::int64_t LoopContext::length() {
  if (length_ >= 0) return length_;
  if (!stmt_.exprs[2] && !source_.is(Type::kIterator)) return length_ = length_of(source_);
  std::vector<Value> rest;
  Value item;
  while (pull(item)) rest.push_back(std::move(item));
  runtime_.budget.make(rest.size() * 32);
  rest_ = std::move(rest);
  rest_next_ = 0;
  has_rest_ = true;
  return length_ = static_cast<std::int64_t>(rest_.size()) + index0_ + 1 + (has_after_ ? 1 : 0);
}

std::optional<Value> LoopContext::attribute(const std::string& name) {
  if (name == "index0") return Value::integer(index0_);
  if (name == "index") return Value::integer(index0_ + 1);
  if (name == "first") return Value::boolean(index0_ == 0);
  if (name == "last") return Value::boolean(!peek());
  if (name == "length") return Value::integer(length());
  if (name == "revindex0") return Value::integer(length() - index0_ - 1);
  if (name == "revindex") return Value::integer(length() - index0_);
  if (name == "depth") return Value::integer(depth_ + 1);
  if (name == "depth0") return Value::integer(depth_);
  if (name == "previtem") return index0_ == 0 ? make_undefined("there is no previous item") : previous_;
  if (name == "nextitem") return peek() ? after_ : make_undefined("there is no next item");
  return std::nullopt;
}

Value LoopContext::call(Arguments& arguments) {
  if (!stmt_.flag) throw RenderError("The loop must have the 'recursive' marker to be called recursively.");
  const Bound bound("LoopContext.__call__", arguments, {"iterable"}, 1);
  return make_string(runtime_.run_loop(stmt_, *bound[0], outer_, depth_ + 1), runtime_.budget);
}

Value LoopContext::cycle(const std::vector<Value>& values) const {
  if (values.empty()) throw RenderError("no items for cycling given");
  return values[static_cast<std::size_t>(index0_) % values.size()];
}

Value LoopContext::changed(std::vector<Value> values) {
  Value tuple = make_list(std::move(values), runtime_.budget, Type::kTuple);
  const bool out = !has_changed_ || !equal(last_changed_, tuple, runtime_.budget);
  last_changed_ = std::move(tuple);
  has_changed_ = true;
  return Value::boolean(out);
}

void check_namespace_name(const std::string& name) {
  if (name.starts_with("_")) {
    throw RenderError("Chat templates cannot store underscore-prefixed attributes on a namespace, but got '" + name +
                      "'");
  }
}

}  // namespace vernier::jinja
