// Filters on lists and dicts.
#include <algorithm>
#include <functional>

#include "engine/text/jinja/filter_tables.h"
#include "engine/text/jinja/operators.h"
#include "engine/text/jinja/runtime.h"
#include "engine/text/jinja/unicode.h"

namespace vernier::jinja {
namespace {

using Getter = std::function<Value(const Value&)>;

Value ignoring_case(Runtime& runtime, const Value& value) {
  return value.is_string() ? make_string(to_lower(value.text()), runtime.budget) : value;
}

bool is_number_text(std::string_view text) {
  return !text.empty() && text.size() < 18 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "address.city" or an index, as the parts to look up one after the other.
std::vector<Value> attribute_parts(Runtime& runtime, const Value& attribute) {
  std::vector<Value> parts;
  if (attribute.is_none()) return parts;
  if (!attribute.is_string()) {
    parts.push_back(attribute);
    return parts;
  }
  std::string_view rest = attribute.text();
  for (;;) {
    const std::size_t dot = rest.find('.');
    const std::string part(rest.substr(0, dot));
    parts.push_back(is_number_text(part) ? Value::integer(std::stoll(part)) : make_string(part, runtime.budget));
    if (dot == std::string_view::npos) return parts;
    rest.remove_prefix(dot + 1);
  }
}

Value look_up(Runtime& runtime, Value value, const std::vector<Value>& parts, const Value* otherwise) {
  for (const Value& part : parts) {
    value = runtime.item(value, part);
    if (otherwise != nullptr && !otherwise->is_none() && value.is_undefined()) value = *otherwise;
  }
  return value;
}

Getter attribute_getter(Runtime& runtime, const Value* attribute, bool ignore_case, const Value* otherwise = nullptr) {
  std::vector<Value> parts;
  if (attribute != nullptr) parts = attribute_parts(runtime, *attribute);
  return [&runtime, parts = std::move(parts), ignore_case, otherwise](const Value& item) {
    const Value value = look_up(runtime, item, parts, otherwise);
    return ignore_case ? ignoring_case(runtime, value) : value;
  };
}

// Keys may not compare: then the first such pair raises.
struct Keyed {
  Value key, item;
};
std::vector<Value> sorted(Runtime& runtime, std::vector<Value> items, const Getter& key, bool reverse) {
  std::vector<Keyed> keyed;
  keyed.reserve(items.size());
  for (Value& item : items) {
    Value k = key(item);
    keyed.push_back({std::move(k), std::move(item)});
  }
  // Merge sort of the standard library takes any order; one that NaN makes inconsistent does no harm.
  const auto less = [&](const Keyed& a, const Keyed& b) { return compare(a.key, b.key, "<", runtime.budget) == -1; };
  if (reverse) std::reverse(keyed.begin(), keyed.end());
  std::stable_sort(keyed.begin(), keyed.end(), less);
  if (reverse) std::reverse(keyed.begin(), keyed.end());
  std::vector<Value> out;
  out.reserve(keyed.size());
  for (Keyed& entry : keyed) out.push_back(std::move(entry.item));
  return out;
}

// A generator: what `fill` puts into its list. It raises what `fill` raises, but only where its items are taken.
template <typename Fill>
Value generator(Runtime& runtime, const Fill& fill) {
  std::vector<Value> items;
  std::string error;
  try {
    fill(items);
  } catch (const LimitError&) {
    throw;
  } catch (const RenderError& raised) {
    error = raised.what();
  }
  Value out = make_iterator(std::move(items), runtime.budget);
  out.iterator().error = std::move(error);
  return out;
}

Value filter_length(Runtime& /*runtime*/, const Value& self, Arguments& arguments) {
  (void)Bound("len", arguments, {});
  return Value::integer(length_of(self));
}

Value filter_list(Runtime& runtime, const Value& self, Arguments& arguments) {
  (void)Bound("list", arguments, {});
  return make_list(items_of(self, runtime.budget), runtime.budget);
}

Value filter_first(Runtime& runtime, const Value& self, Arguments& arguments) {
  (void)Bound("do_first", arguments, {});
  if (self.is(Type::kIterator)) {
    Value item;
    return self.iterator().take(item) ? item : make_undefined("No first item, sequence was empty.");
  }
  const std::vector<Value> items = items_of(self, runtime.budget);
  return items.empty() ? make_undefined("No first item, sequence was empty.") : items.front();
}

Value filter_last(Runtime& runtime, const Value& self, Arguments& arguments) {
  (void)Bound("do_last", arguments, {});
  if (self.is(Type::kIterator)) throw RenderError("'" + type_name(self) + "' object is not reversible");
  const std::vector<Value> items = items_of(self, runtime.budget);
  return items.empty() ? make_undefined("No last item, sequence was empty.") : items.back();
}

Value filter_random(Runtime& runtime, const Value& self, Arguments& arguments) {
  (void)Bound("do_random", arguments, {});
  // A rendering is the same every time: the "random" item is the first.
  return runtime.item(self, Value::integer(0));
}

Value filter_join(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("do_join", arguments, {"d", "attribute"});
  const std::string separator = bound.given(0) ? str(*bound[0], runtime.budget) : "";
  const bool by_attribute = bound.given(1) && !bound[1]->is_none();
  const Getter get = attribute_getter(runtime, by_attribute ? bound[1] : nullptr, false);
  std::string out;
  bool is_first = true;
  for (const Value& item : items_of(self, runtime.budget)) {
    if (!is_first) out += separator;
    is_first = false;
    append_str(out, by_attribute ? get(item) : item, runtime.budget);
  }
  return make_string(std::move(out), runtime.budget);
}

Value filter_reverse(Runtime& runtime, const Value& self, Arguments& arguments) {
  (void)Bound("do_reverse", arguments, {});
  std::vector<Value> items = items_of(self, runtime.budget);
  std::reverse(items.begin(), items.end());
  if (self.is_string()) {
    std::string out;
    for (const Value& item : items) out += item.text();
    return make_string(std::move(out), runtime.budget);
  }
  if (self.is(Type::kIterator)) return make_list(std::move(items), runtime.budget);
  return make_iterator(std::move(items), runtime.budget, "list_reverseiterator");
}

Value filter_sort(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("do_sort", arguments, {"reverse", "case_sensitive", "attribute"});
  const bool ignore_case = !bound.flag(1);
  std::vector<Getter> getters;
  if (bound.given(2) && bound[2]->is_string()) {
    std::string_view rest = bound[2]->text();
    for (;;) {
      const std::size_t comma = rest.find(',');
      const Value part = make_string(std::string(rest.substr(0, comma)), runtime.budget);
      getters.push_back(attribute_getter(runtime, &part, ignore_case));
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  } else {
    getters.push_back(attribute_getter(runtime, bound[2], ignore_case));
  }
  const Getter key = [&](const Value& item) {
    if (getters.size() == 1) return getters.front()(item);
    std::vector<Value> keys;
    for (const Getter& get : getters) keys.push_back(get(item));
    return make_list(std::move(keys), runtime.budget);
  };
  return make_list(sorted(runtime, items_of(self, runtime.budget), key, bound.flag(0)), runtime.budget);
}

Value filter_dictsort(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("do_dictsort", arguments, {"case_sensitive", "by", "reverse"});
  const std::string by = bound.given(1) ? to_text(*bound[1]) : "key";
  if (by != "key" && by != "value") throw RenderError("You can only sort by either \"key\" or \"value\"");
  if (self.is_undefined()) raise_undefined(self);
  if (!self.is_dict()) throw RenderError("'" + type_name(self) + "' object has no attribute 'items'");
  std::vector<Value> items;
  for (const auto& [key, value] : self.dict().items) items.push_back(make_pair(key, value, runtime.budget));
  const std::size_t place = by == "key" ? 0 : 1;
  const bool ignore_case = !bound.flag(0);
  const Getter key = [&](const Value& item) {
    const Value& value = item.list().items[place];
    return ignore_case ? ignoring_case(runtime, value) : value;
  };
  return make_list(sorted(runtime, std::move(items), key, bound.flag(2)), runtime.budget);
}

Value filter_unique(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("do_unique", arguments, {"case_sensitive", "attribute"});
  const Getter key = attribute_getter(runtime, bound[1], !bound.flag(0));
  return generator(runtime, [&](std::vector<Value>& out) {
    Dict seen;
    for (const Value& item : items_of(self, runtime.budget)) {
      const Value k = key(item);
      if (seen.find(k, runtime.budget) != nullptr) continue;
      seen.set(k, Value::none(), runtime.budget);
      out.push_back(item);
    }
  });
}

Value extreme(Runtime& runtime, const Value& self, Arguments& arguments, int sign) {
  const Bound bound(sign < 0 ? "do_min" : "do_max", arguments, {"case_sensitive", "attribute"});
  const Getter key = attribute_getter(runtime, bound[1], !bound.flag(0));
  const std::vector<Value> items = items_of(self, runtime.budget);
  if (items.empty()) return make_undefined("No aggregated item, sequence was empty.");
  const Value* best = &items.front();
  Value best_key = key(*best);
  for (std::size_t i = 1; i < items.size(); ++i) {
    Value k = key(items[i]);
    if (compare(k, best_key, sign < 0 ? "<" : ">", runtime.budget) != sign) continue;
    best = &items[i];
    best_key = std::move(k);
  }
  return *best;
}
Value filter_min(Runtime& runtime, const Value& self, Arguments& arguments) {
  return extreme(runtime, self, arguments, -1);
}
Value filter_max(Runtime& runtime, const Value& self, Arguments& arguments) {
  return extreme(runtime, self, arguments, 1);
}

Value filter_sum(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("do_sum", arguments, {"attribute", "start"});
  const bool by_attribute = bound.given(0) && !bound[0]->is_none();
  const Getter get = attribute_getter(runtime, by_attribute ? bound[0] : nullptr, false);
  Value out = bound.given(1) ? *bound[1] : Value::integer(0);
  if (out.is_string()) throw RenderError("sum() can't sum strings [use ''.join(seq) instead]");
  for (const Value& item : items_of(self, runtime.budget)) out = binary(Op::kAdd, out, get(item), runtime.budget);
  return out;
}

Value filter_items(Runtime& runtime, const Value& self, Arguments& arguments) {
  (void)Bound("do_items", arguments, {});
  return generator(runtime, [&](std::vector<Value>& out) {
    if (!self.is_undefined()) {
      if (!self.is_dict()) throw RenderError("Can only get item pairs from a mapping.");
      for (const auto& [key, value] : self.dict().items) out.push_back(make_pair(key, value, runtime.budget));
    }
  });
}

Value filter_default(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("do_default", arguments, {"default_value", "boolean"});
  if (!self.is_undefined() && !(bound.flag(1) && !truth(self))) return self;
  return bound.given(0) ? *bound[0] : make_string("", runtime.budget);
}

Value filter_attr(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("do_attr", arguments, {"name"}, 1);
  const Value& name = *bound[0];
  if (self.is_undefined()) raise_undefined(self);
  (void)to_text(name);
  // Unlike obj.name, never an item.
  if (self.is_dict() && find_method(self, name.text()) == nullptr && !is_mutating_method(self, name.text())) {
    return undefined_member(self, name, runtime.budget);
  }
  return runtime.attribute(self, name);
}

std::int64_t positive(const Value& value) {
  const std::int64_t out = to_index(value);
  if (out <= 0) throw RenderError("integer division or modulo by zero");
  return out;
}

Value filter_batch(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("do_batch", arguments, {"linecount", "fill_with"}, 1);
  const auto size = static_cast<std::size_t>(std::max<std::int64_t>(to_index(*bound[0]), 0));
  return generator(runtime, [&](std::vector<Value>& out) {
    std::vector<Value> row;
    for (const Value& item : items_of(self, runtime.budget)) {
      if (row.size() == size) out.push_back(make_list(std::exchange(row, {}), runtime.budget));
      row.push_back(item);
    }
    if (!row.empty()) {
      if (bound.given(1) && !bound[1]->is_none() && row.size() < size) {
        runtime.budget.make_many(size - row.size(), 32);
        row.resize(size, *bound[1]);
      }
      out.push_back(make_list(std::move(row), runtime.budget));
    }
  });
}

Value filter_slice(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("do_slice", arguments, {"slices", "fill_with"}, 1);
  return generator(runtime, [&](std::vector<Value>& out) {
    const std::int64_t slices = positive(*bound[0]);
    const std::vector<Value> items = items_of(self, runtime.budget);
    const auto length = static_cast<std::int64_t>(items.size());
    const std::int64_t per_slice = length / slices, with_extra = length % slices;
    runtime.budget.make_many(static_cast<std::uint64_t>(slices), 64);
    auto next = items.begin();
    for (std::int64_t i = 0; i < slices; ++i) {
      const auto end = next + (per_slice + (i < with_extra ? 1 : 0));
      std::vector<Value> part(next, end);
      if (bound.given(1) && !bound[1]->is_none() && i >= with_extra) part.push_back(*bound[1]);
      out.push_back(make_list(std::move(part), runtime.budget));
      next = end;
    }
  });
}

Value filter_groupby(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("do_groupby", arguments, {"attribute", "default", "case_sensitive"}, 1);
  const Getter key = attribute_getter(runtime, bound[0], !bound.flag(2), bound[1]);
  const Getter shown = attribute_getter(runtime, bound[0], false, bound[1]);
  std::vector<Value> groups, group;
  Value group_key;
  const auto close = [&] {
    if (group.empty()) return;
    const Value grouper = shown(group.front());
    const Value tuple = make_pair(grouper, make_list(std::exchange(group, {}), runtime.budget), runtime.budget);
    static_cast<List*>(tuple.object())->view_name = "group";
    groups.push_back(tuple);
  };
  for (Value& item : sorted(runtime, items_of(self, runtime.budget), key, false)) {
    Value k = key(item);
    if (!group.empty() && !equal(k, group_key, runtime.budget)) close();
    group_key = std::move(k);
    group.push_back(std::move(item));
  }
  close();
  return make_list(std::move(groups), runtime.budget);
}

Value filter_map(Runtime& runtime, const Value& self, Arguments& arguments) {
  return generator(runtime, [&](std::vector<Value>& out) {
    if (!truth(self)) return;
    const auto keyword = [&](const char* name) -> const Value* {
      for (const auto& entry : arguments.keywords) {
        if (entry.first == name) return &entry.second;
      }
      return nullptr;
    };
    if (const Value* attribute = keyword("attribute"); arguments.positional.empty() && attribute != nullptr) {
      for (const auto& entry : arguments.keywords) {
        if (entry.first != "attribute" && entry.first != "default") {
          throw RenderError("Unexpected keyword argument '" + entry.first + "'");
        }
      }
      const Getter get = attribute_getter(runtime, attribute, false, keyword("default"));
      for (const Value& item : items_of(self, runtime.budget)) out.push_back(get(item));
      return;
    }
    if (arguments.positional.empty()) throw RenderError("map requires a filter argument");
    const std::string name = to_text(arguments.positional.front());
    const Builtin* filter = find_filter(name);
    if (filter == nullptr) throw RenderError("No filter named '" + name + "'.");
    Arguments rest = arguments;
    rest.positional.erase(rest.positional.begin());
    const DepthGuard guard(runtime.budget);
    for (const Value& item : items_of(self, runtime.budget)) {
      Arguments each = rest;
      out.push_back(filter->function(runtime, item, each));
    }
  });
}

Value select(Runtime& runtime, const Value& self, Arguments& arguments, bool wanted, bool by_attribute) {
  return generator(runtime, [&](std::vector<Value>& out) {
    if (!truth(self)) return;
    Arguments rest = arguments;
    Getter get = [](const Value& item) { return item; };
    if (by_attribute) {
      if (rest.positional.empty()) throw RenderError("Missing parameter for attribute name");
      get = attribute_getter(runtime, &rest.positional.front(), false);
      rest.positional.erase(rest.positional.begin());
    }
    const Builtin* test = nullptr;
    if (!rest.positional.empty()) {
      const std::string name = to_text(rest.positional.front());
      test = find_test(name);
      if (test == nullptr) throw RenderError("No test named '" + name + "'.");
      rest.positional.erase(rest.positional.begin());
    }
    for (const Value& item : items_of(self, runtime.budget)) {
      Value value = get(item);
      if (test != nullptr) {
        Arguments each = rest;
        value = test->function(runtime, value, each);
      }
      if (truth(value) == wanted) out.push_back(item);
    }
  });
}
Value filter_select(Runtime& runtime, const Value& self, Arguments& arguments) {
  return select(runtime, self, arguments, true, false);
}
Value filter_reject(Runtime& runtime, const Value& self, Arguments& arguments) {
  return select(runtime, self, arguments, false, false);
}
Value filter_selectattr(Runtime& runtime, const Value& self, Arguments& arguments) {
  return select(runtime, self, arguments, true, true);
}
Value filter_rejectattr(Runtime& runtime, const Value& self, Arguments& arguments) {
  return select(runtime, self, arguments, false, true);
}

constexpr std::array<Builtin, 26> kListFilters = {{
    {"attr", filter_attr},
    {"batch", filter_batch},
    {"count", filter_length},
    {"d", filter_default},
    {"default", filter_default},
    {"dictsort", filter_dictsort},
    {"first", filter_first},
    {"groupby", filter_groupby},
    {"items", filter_items},
    {"join", filter_join},
    {"last", filter_last},
    {"length", filter_length},
    {"list", filter_list},
    {"map", filter_map},
    {"max", filter_max},
    {"min", filter_min},
    {"random", filter_random},
    {"reject", filter_reject},
    {"rejectattr", filter_rejectattr},
    {"reverse", filter_reverse},
    {"select", filter_select},
    {"selectattr", filter_selectattr},
    {"slice", filter_slice},
    {"sort", filter_sort},
    {"sum", filter_sum},
    {"unique", filter_unique},
}};

}  // namespace

const Builtin* find_list_filter(std::string_view name) {
  return find_builtin(kListFilters, name);
}

const Builtin* find_filter(std::string_view name) {
  const Builtin* found = find_list_filter(name);
  return found != nullptr ? found : find_text_filter(name);
}

}  // namespace vernier::jinja
