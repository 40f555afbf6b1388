#include "ui/session/ask_worker.h"

#include <QCoreApplication>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <utility>

#include "ui/session/ask_prompt.h"
#include "vernier/error.h"
#include "vernier/tokenizer.h"

namespace vernier::ui {
namespace {

using Clock = std::chrono::steady_clock;

// Alternatives kept of every token.
constexpr std::int64_t kNumTop = 8;
// New tokens are told of so often: smooth to look at, and little work for the window.
constexpr auto kBetweenParts = std::chrono::milliseconds(40);

class Words {
  Q_DECLARE_TR_FUNCTIONS(AskWorker)
};

double probability_of(double log_probability) {
  return std::exp(log_probability);
}

// One answer as the worker knows it.
struct Given {
  std::vector<std::int32_t> ids;    // of the answer
  std::vector<AnswerToken> tokens;  // the same, as they were told
  double strength = 0.0;
};

// An answer that grows.
struct Growing {
  Growing(LanguageModel& model, AnswerSide side_in, Given& given_in, const std::vector<std::int32_t>& whole,
          const GenerateOptions& options)
      : side(side_in),
        given(given_in),
        generation(model, whole, options, given_in.strength),
        decoder(*model.tokenizer()),
        told(given_in.tokens.size()) {
    // Characters go across the border to what stands already.
    for (const std::int32_t id : given.ids) decoder.push(id);
  }

  bool is_open() const { return ending == AnswerEnding::kNone; }

  AnswerSide side;
  Given& given;
  Generation generation;
  StreamDecoder decoder;
  std::size_t told;  // tokens that the listener knows
  Clock::duration took{};
  qint64 generated = 0;
  AnswerEnding ending = AnswerEnding::kNone;
};

}  // namespace

struct AskWorker::Impl {
  explicit Impl(std::shared_ptr<LoadedModels> models_in) : models(std::move(models_in)) {}

  // The model of `wanted`, for as long as this is held.
  LoadedModels::Loan borrow(const AskModel& wanted, AskListener& listener, const std::stop_token& stop);
  void encode(const AskPrompt& wanted, AskListener& listener, const std::stop_token& stop);
  // Answers on these sides, a token each in turn.
  void answer(const std::vector<AnswerSide>& which, AskListener& listener, const AskStops& stops);
  void grow(Growing& growing);
  void tell(Growing& growing, AskListener& listener);
  void show_row(AskListener& listener);
  // Compares both strengths along an answer, from its token `first` on.
  void contrast(AnswerSide side, std::size_t first, AskListener& listener, const std::stop_token& stop);

  Given& given(AnswerSide side) { return sides[static_cast<std::size_t>(side)]; }
  QString piece_of(std::int32_t id) const { return QString::fromStdString(model->tokenizer()->piece(id)); }
  AnswerToken token_of(std::int32_t id, const QString& text) const;
  std::vector<std::int32_t> whole(AnswerSide side) {
    std::vector<std::int32_t> ids = prompt.ids;
    ids.insert(ids.end(), given(side).ids.begin(), given(side).ids.end());
    return ids;
  }

  std::shared_ptr<LoadedModels> models;
  std::optional<AskModel> asked;
  std::filesystem::file_time_type written;  // of the weights that answered
  LanguageModel* model = nullptr;           // only while it is borrowed
  EncodedPrompt prompt;
  AskSampling sampling;
  double strength = 1.0;  // of the tuned side
  std::array<Given, kNumAnswerSides> sides;
};

LoadedModels::Loan AskWorker::Impl::borrow(const AskModel& wanted, AskListener& listener, const std::stop_token& stop) {
  LoadedModels::Loan loan = models->borrow(
      {{.model_dir = wanted.model_dir, .adapter_dir = wanted.adapter_dir, .quantization = wanted.config.quantization}},
      [&listener] { listener.on_activity(Words::tr("Waiting: another view is asking the model"), -1.0); },
      [&listener](double fraction) { listener.on_activity(Words::tr("Loading the model"), fraction); }, stop);
  model = &loan[0];
  tokenizer_of(*model, wanted.model_dir);
  return loan;
}

AnswerToken AskWorker::Impl::token_of(std::int32_t id, const QString& text) const {
  AnswerToken token;
  token.id = id;
  token.text = text;
  token.piece = piece_of(id);
  token.is_special = model->tokenizer()->is_special(id);
  return token;
}

void AskWorker::Impl::encode(const AskPrompt& wanted, AskListener& listener, const std::stop_token& stop) {
  listener.on_activity(Words::tr("Reading the prompt"), -1.0);
  prompt = encode_prompt(
      *asked, *model->tokenizer(), wanted,
      [&listener](double fraction) { listener.on_activity(Words::tr("Looking for the row in the data"), fraction); },
      stop);
  PromptSeen seen;
  seen.text = QString::fromStdString(model->tokenizer()->decode(prompt.ids, /*skip_special_tokens=*/false));
  seen.tokens = std::ssize(prompt.ids);
  seen.note = prompt.note;
  listener.on_prompt(seen);
}

void AskWorker::Impl::tell(Growing& growing, AskListener& listener) {
  const std::vector<AnswerToken>& tokens = growing.given.tokens;
  AnswerPart part;
  part.side = growing.side;
  part.first = growing.told;
  part.tokens.assign(tokens.begin() + static_cast<std::ptrdiff_t>(growing.told), tokens.end());
  part.state = {.strength = growing.given.strength,
                .generated = growing.generated,
                .seconds = std::chrono::duration<double>(growing.took).count(),
                .is_running = growing.is_open(),
                .ending = growing.ending,
                .cut_at = growing.ending == AnswerEnding::kCut ? sampling.max_new_tokens : 0};
  growing.told = tokens.size();
  listener.on_part(part);
}

void AskWorker::Impl::grow(Growing& growing) {
  const auto start = Clock::now();
  const std::optional<GeneratedToken> next = growing.generation.next();
  growing.took += Clock::now() - start;
  Given& given = growing.given;
  if (!next) {
    // The last characters, where the end cut one in two.
    const QString rest = QString::fromStdString(growing.decoder.finish());
    if (!rest.isEmpty() && !given.tokens.empty()) {
      given.tokens.back().text += rest;
      growing.told = std::min(growing.told, given.tokens.size() - 1);
    }
    const std::vector<std::int32_t>& eos = model->info().eos_token_ids;
    const bool closed = !given.ids.empty() && std::find(eos.begin(), eos.end(), given.ids.back()) != eos.end();
    growing.ending = closed ? AnswerEnding::kByItself : AnswerEnding::kCut;
    return;
  }
  ++growing.generated;
  double AnswerToken::*own = growing.side == AnswerSide::kBase ? &AnswerToken::base : &AnswerToken::tuned;
  double AnswerAlternative::*others =
      growing.side == AnswerSide::kBase ? &AnswerAlternative::base : &AnswerAlternative::tuned;
  AnswerToken token = token_of(next->id, QString::fromStdString(growing.decoder.push(next->id)));
  token.*own = probability_of(next->log_probability);
  for (const TokenAlternative& other : next->top) {
    AnswerAlternative& alternative = token.alternatives.emplace_back();
    alternative.id = other.id;
    alternative.piece = piece_of(other.id);
    alternative.*others = probability_of(other.log_probability);
  }
  given.ids.push_back(next->id);
  given.tokens.push_back(std::move(token));
}

void AskWorker::Impl::answer(const std::vector<AnswerSide>& which, AskListener& listener, const AskStops& stops) {
  listener.on_activity(Words::tr("Answering"), -1.0);
  std::vector<std::unique_ptr<Growing>> growing;
  for (const AnswerSide side : which) {
    GenerateOptions options;
    // What stands already counts, so that an answer that goes on ends where it would have.
    options.max_new_tokens = std::max<std::int64_t>(0, sampling.max_new_tokens - std::ssize(given(side).ids));
    options.temperature = sampling.temperature;
    options.top_k = sampling.top_k;
    options.top_p = sampling.top_p;
    options.seed = sampling.seed;
    options.num_top = kNumTop;
    given(side).strength = side == AnswerSide::kBase ? 0.0 : strength;
    growing.push_back(std::make_unique<Growing>(*model, side, given(side), whole(side), options));
    tell(*growing.back(), listener);
  }
  const auto is_open = [](const std::unique_ptr<Growing>& one) { return one->is_open(); };
  auto last_told = Clock::now();
  while (std::any_of(growing.begin(), growing.end(), is_open)) {
    const bool stopped = stops.answers.stop_requested() || stops.all.stop_requested();
    for (auto& one : growing) {
      if (!one->is_open()) continue;
      if (stopped) {
        one->ending = AnswerEnding::kStopped;
      } else {
        grow(*one);
      }
      if (!one->is_open()) tell(*one, listener);
    }
    if (Clock::now() - last_told < kBetweenParts) continue;
    last_told = Clock::now();
    for (auto& one : growing) {
      if (one->is_open()) tell(*one, listener);
    }
  }
}

void AskWorker::Impl::show_row(AskListener& listener) {
  Given& row = given(AnswerSide::kRow);
  row = {};
  row.ids = prompt.reference;
  StreamDecoder decoder(*model->tokenizer());
  for (const std::int32_t id : row.ids) {
    row.tokens.push_back(token_of(id, QString::fromStdString(decoder.push(id))));
  }
  if (!row.tokens.empty()) row.tokens.back().text += QString::fromStdString(decoder.finish());
  AnswerPart part;
  part.side = AnswerSide::kRow;
  part.tokens = row.tokens;
  part.state = {.strength = strength, .is_running = false};
  listener.on_part(part);
}

void AskWorker::Impl::contrast(AnswerSide side, std::size_t first, AskListener& listener, const std::stop_token& stop) {
  Given& answer = given(side);
  if (first >= answer.ids.size()) return;
  ContrastOptions options;
  options.strength = strength;
  options.num_top = kNumTop;
  options.first = std::ssize(prompt.ids) + static_cast<std::int64_t>(first);
  const auto total = static_cast<double>(answer.ids.size() - first);
  std::size_t done = first;
  const auto tell_chunk = [&](const std::vector<TokenContrast>& chunk) {
    AnswerPart part;
    part.side = side;
    part.first = done;
    for (const TokenContrast& found : chunk) {
      AnswerToken& token = answer.tokens[done++];
      token.kl = found.kl;
      token.tuned = probability_of(found.log_probability);
      token.base = probability_of(found.base_log_probability);
      token.tuned_entropy = found.entropy;
      token.base_entropy = found.base_entropy;
      token.alternatives.clear();
      for (const ContrastAlternative& other : found.top) {
        token.alternatives.push_back({other.id, piece_of(other.id), probability_of(other.log_probability),
                                      probability_of(other.base_log_probability)});
      }
      part.tokens.push_back(token);
    }
    listener.on_part(part);
    listener.on_activity(Words::tr("Comparing both along the answer"), static_cast<double>(done - first) / total);
    return true;
  };
  listener.on_activity(Words::tr("Comparing both along the answer"), 0.0);
  contrast_strengths(*model, whole(side), options, tell_chunk, stop);
}

AskWorker::AskWorker(std::shared_ptr<LoadedModels> models) : impl_(std::make_unique<Impl>(std::move(models))) {}
AskWorker::~AskWorker() = default;

void AskWorker::forget() {
  impl_ = std::make_unique<Impl>(impl_->models);
}

void AskWorker::ask(const AskModel& model, const AskPrompt& prompt, const AskSampling& sampling, double strength,
                    bool tuned_only, AskListener& listener, const AskStops& stops) {
  Impl& impl = *impl_;
  const LoadedModels::Loan loan = impl.borrow(model, listener, stops.all);
  impl.asked = model;
  impl.written = loan.written(0);
  impl.sampling = sampling;
  impl.strength = strength;
  std::vector<AnswerSide> which = {AnswerSide::kTuned};
  if (!tuned_only) {
    impl.encode(prompt, listener, stops.all);
    impl.show_row(listener);
    which = {AnswerSide::kBase, AnswerSide::kTuned};
  }
  for (const AnswerSide side : which) impl.given(side) = {};
  impl.answer(which, listener, stops);
  // The tuned answer first: it is what one looks at.
  for (const AnswerSide side : {AnswerSide::kTuned, AnswerSide::kRow, AnswerSide::kBase}) {
    impl.contrast(side, 0, listener, stops.all);
  }
}

void AskWorker::go_on_from(AnswerSide side, std::size_t index, std::int32_t id, AskListener& listener,
                           const AskStops& stops) {
  Impl& impl = *impl_;
  Given& given = impl.given(side);
  if (!impl.asked || side == AnswerSide::kRow || index >= given.ids.size()) {
    fail(ErrorCode::kInternal, "ask", "there is no such token to go on from.");
  }
  const LoadedModels::Loan loan = impl.borrow(*impl.asked, listener, stops.all);
  if (loan.written(0) != impl.written) {
    fail(ErrorCode::kInvalidInput, impl.asked->adapter_dir,
         Words::tr("adapter: got one that was saved anew, expected the one that answered. Ask again.").toStdString());
  }
  const AnswerToken before = given.tokens[index];
  given.ids.resize(index);
  given.tokens.resize(index);
  StreamDecoder decoder(*impl.model->tokenizer());
  for (const std::int32_t earlier : given.ids) decoder.push(earlier);
  AnswerToken chosen = impl.token_of(id, QString::fromStdString(decoder.push(id)));
  chosen.is_chosen = true;
  chosen.alternatives = before.alternatives;
  given.ids.push_back(id);
  given.tokens.push_back(std::move(chosen));
  AnswerPart part;
  part.side = side;
  part.first = index;
  part.tokens = {given.tokens.back()};
  part.state = {.strength = given.strength};
  listener.on_part(part);
  const std::vector<std::int32_t>& eos = impl.model->info().eos_token_ids;
  if (std::find(eos.begin(), eos.end(), id) == eos.end()) {
    impl.answer({side}, listener, stops);
  } else {
    part.state->is_running = false;
    part.state->ending = AnswerEnding::kByUser;
    listener.on_part(part);
  }
  impl.contrast(side, index, listener, stops.all);
}

}  // namespace vernier::ui
