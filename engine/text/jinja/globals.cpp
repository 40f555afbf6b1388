// Functions that every template has.
#include <clocale>
#include <ctime>

#include "engine/text/jinja/builtins.h"
#include "engine/text/jinja/callables.h"
#include "engine/text/jinja/runtime.h"

namespace vernier::jinja {
namespace {

constexpr std::int64_t kMaxRange = 100000;  // as Jinja2's sandbox

Value global_range(Runtime& /*runtime*/, const Value& /*self*/, Arguments& arguments) {
  const Bound bound("range", arguments, {"/start", "/stop", "/step"}, 1);
  std::int64_t start = 0, stop = to_index(*bound[0]), step = 1;
  if (bound.given(1)) {
    start = stop;
    stop = to_index(*bound[1]);
  }
  if (bound.given(2)) step = to_index(*bound[2]);
  if (step == 0) throw RenderError("range() arg 3 must not be zero");
  // Wider than the size's arithmetic holds is too big in any case.
  const auto huge = [](std::int64_t value) { return value > INT64_MAX / 4 || value < INT64_MIN / 4; };
  const bool too_big = huge(start) || huge(stop) || huge(step) || Range(start, stop, step).size() > kMaxRange;
  if (too_big) {
    throw RenderError("Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000).");
  }
  return Value::of(Type::kRange, new Range(start, stop, step));
}

// dict(mapping or pairs, **keywords).
Value make_dict(Runtime& runtime, const Arguments& arguments, const char* name) {
  auto dict = std::make_unique<Dict>();
  if (arguments.positional.size() > 1) {
    throw RenderError(std::string(name) + " expected at most 1 argument, got " +
                      std::to_string(arguments.positional.size()));
  }
  for (const Value& source : arguments.positional) {
    if (source.is_dict()) {
      for (const auto& [key, value] : source.dict().items) dict->set(key, value, runtime.budget);
      continue;
    }
    std::size_t index = 0;
    for (const Value& pair : items_of(source, runtime.budget)) {
      const std::vector<Value> both = items_of(pair, runtime.budget);
      if (both.size() != 2) {
        throw RenderError("dictionary update sequence element #" + std::to_string(index) + " has length " +
                          std::to_string(both.size()) + "; 2 is required");
      }
      dict->set(both[0], both[1], runtime.budget);
      ++index;
    }
  }
  for (const auto& [key, value] : arguments.keywords)
    dict->set(make_string(key, runtime.budget), value, runtime.budget);
  return Value::of(Type::kDict, dict.release());
}

Value global_dict(Runtime& runtime, const Value& /*self*/, Arguments& arguments) {
  return make_dict(runtime, arguments, "dict");
}

Value global_namespace(Runtime& runtime, const Value& /*self*/, Arguments& arguments) {
  const Value dict = make_dict(runtime, arguments, "dict");
  std::vector<std::pair<std::string, Value>> items;
  for (const auto& [key, value] : dict.dict().items) {
    const std::string name = str(key, runtime.budget);
    check_namespace_name(name);
    items.emplace_back(name, value);
  }
  return runtime.make_namespace(std::move(items));
}

Value global_raise_exception(Runtime& runtime, const Value& /*self*/, Arguments& arguments) {
  const Bound bound("raise_exception", arguments, {"message"}, 1);
  throw RenderError(str(*bound[0], runtime.budget));
}

Value global_strftime_now(Runtime& runtime, const Value& /*self*/, Arguments& arguments) {
  const Bound bound("strftime_now", arguments, {"format"}, 1);
  const std::string& format = to_text(*bound[0]);
  if (format.empty()) return make_string("", runtime.budget);
  if (format.size() > 1000) throw LimitError("strftime_now: a format longer than 1000 bytes: limit reached");
  static const locale_t english = ::newlocale(LC_ALL_MASK, "C", nullptr);
  const std::time_t now = runtime.now();
  std::tm local{};
  ::localtime_r(&now, &local);
  // One more character tells an empty result from one that does not fit.
  std::string out(format.size() * 100 + 100, '\0');
  const std::size_t size = ::strftime_l(out.data(), out.size(), (format + ".").c_str(), &local, english);
  out.resize(size == 0 ? 0 : size - 1);
  return make_string(std::move(out), runtime.budget);
}

Value global_joiner(Runtime& runtime, const Value& /*self*/, Arguments& arguments) {
  const Bound bound("joiner", arguments, {"sep"});
  runtime.budget.make(64);
  return Value::of(Type::kCallable, new Joiner(bound.given(0) ? *bound[0] : make_string(", ", runtime.budget)));
}

Value global_cycler(Runtime& runtime, const Value& /*self*/, Arguments& arguments) {
  if (arguments.positional.empty()) throw RenderError("at least one item has to be provided");
  runtime.budget.make(64 + 32 * arguments.positional.size());
  return Value::of(Type::kCallable, new Cycler(std::move(arguments.positional)));
}

constexpr std::array<Builtin, 7> kGlobals = {{
    {"cycler", global_cycler},
    {"dict", global_dict},
    {"joiner", global_joiner},
    {"namespace", global_namespace},
    {"raise_exception", global_raise_exception},
    {"range", global_range},
    {"strftime_now", global_strftime_now},
}};

}  // namespace

const Builtin* find_global(std::string_view name) {
  return find_builtin(kGlobals, name);
}

}  // namespace vernier::jinja
