#include "ui/pages/setup/training_fields.h"

#include <limits>
#include <type_traits>
#include <utility>

#include "ui/style/paint.h"

namespace vernier::ui {
namespace {

constexpr double kMostInteger = 9007199254740992.0;              // a double holds every whole number up to here
constexpr double kMostReal = std::numeric_limits<float>::max();  // as the run file takes
constexpr double kMostBatch = 1 << 20;

// `member` gives the setting's place in a configuration, const or not.
template <typename Member>
DraftField* number(RunDraft& draft, QWidget* parent, FieldText text, NumberRange range, Member member) {
  using Value = std::remove_cvref_t<decltype(member(std::declval<RunConfig&>()))>;
  return new NumberField(
      draft, std::move(text), range, [member](const RunConfig& config) { return static_cast<double>(member(config)); },
      [member](RunConfig& config, double value) { member(config) = static_cast<Value>(value); }, parent);
}

template <typename Member>
DraftField* toggle(RunDraft& draft, QWidget* parent, FieldText text, Member member) {
  return new SwitchField(
      draft, std::move(text), [member](const RunConfig& config) { return member(config); },
      [member](RunConfig& config, bool on) { member(config) = on; }, parent);
}

template <typename Member>
DraftField* choice(RunDraft& draft, QWidget* parent, FieldText text, const QList<ChoiceField::Choice>& choices,
                   Member member) {
  using Value = std::remove_cvref_t<decltype(member(std::declval<RunConfig&>()))>;
  return new ChoiceField(
      draft, std::move(text), choices, [member](const RunConfig& config) { return static_cast<int>(member(config)); },
      [member](RunConfig& config, int value) { member(config) = static_cast<Value>(value); }, parent);
}

}  // namespace

QList<DraftField*> TrainingFields::amount(RunDraft& draft, QWidget* parent) {
  return {
      number(
          draft, parent,
          {"num_train_epochs", tr("Epo&chs"),
           tr("How often every row is seen; after a few, a model learns rows by heart."), tr("times the data")},
          {.low = 0.0, .high = 1e6, .whole = false, .low_open = true},
          [](auto& c) -> auto& { return c.num_train_epochs; }),
      number(
          draft, parent,
          {"max_steps", tr("&Most steps"), tr("Ends after so many updates instead; 0 leaves it to the epochs."),
           tr("steps")},
          {.low = 0, .high = kMostInteger}, [](auto& c) -> auto& { return c.max_steps; }),
      number(
          draft, parent,
          {"per_device_train_batch_size", tr("Rows a micro-&batch"),
           tr("Rows that go through the model at once: more is faster, until the memory is full."), tr("rows")},
          {.low = 1, .high = kMostBatch}, [](auto& c) -> auto& { return c.per_device_train_batch_size; }),
      number(
          draft, parent,
          {"gradient_accumulation_steps", tr("Micro-batches a s&tep"),
           tr("Their gradients are summed before one update: a larger step without more memory."), tr("micro-batches")},
          {.low = 1, .high = kMostBatch}, [](auto& c) -> auto& { return c.gradient_accumulation_steps; })};
}

QList<DraftField*> TrainingFields::rate(RunDraft& draft, QWidget* parent) {
  return {
      number(
          draft, parent,
          {"learning_rate",
           tr("&Learning rate"),
           tr("How far one update goes: too high and the loss jumps, too low and nothing happens."),
           {}},
          {.low = 0.0, .high = kMostReal, .whole = false}, [](auto& c) -> auto& { return c.learning_rate; }),
      choice(
          draft, parent,
          {"lr_scheduler_type",
           tr("&Schedule"),
           tr("How the rate falls towards the end; a falling one lets the model settle."),
           {}},
          {{tr("Along a cosine (cosine)"), static_cast<int>(SchedulerType::kCosine)},
           {tr("In a straight line (linear)"), static_cast<int>(SchedulerType::kLinear)},
           {tr("Warm up, then level (constant_with_warmup)"), static_cast<int>(SchedulerType::kConstantWithWarmup)},
           {tr("Always the same (constant)"), static_cast<int>(SchedulerType::kConstant)}},
          [](auto& c) -> auto& { return c.lr_scheduler_type; }),
      number(
          draft, parent,
          {"warmup_ratio", tr("&Warm-up, share"),
           tr("The rate rises over this share of the run, so that the first steps do no harm."), tr("of all steps")},
          {.low = 0.0, .high = 1.0, .whole = false}, [](auto& c) -> auto& { return c.warmup_ratio; }),
      number(
          draft, parent,
          {"warmup_steps", tr("Warm-&up, steps"), tr("The same as a number of steps; above 0 it takes precedence."),
           tr("steps")},
          {.low = 0, .high = kMostInteger}, [](auto& c) -> auto& { return c.warmup_steps; })};
}

DraftField* TrainingFields::rank(RunDraft& draft, QWidget* parent) {
  return number(
      draft, parent,
      {"lora.r", tr("Ran&k"), tr("How much the adapter can express; twice the rank is twice the parameters."), {}},
      {.low = 1, .high = 65536}, [](auto& c) -> auto& { return c.lora.r; });
}

QList<DraftField*> TrainingFields::adapter(RunDraft& draft, QWidget* parent) {
  return {rank(draft, parent),
          number(
              draft, parent,
              {"lora.lora_alpha",
               tr("&Alpha"),
               tr("Alpha over rank scales what the adapter adds; people mostly take once or twice the rank."),
               {}},
              {.low = 0.0, .high = 1e6, .whole = false, .low_open = true, .doubles = true},
              [](auto& c) -> auto& { return c.lora.lora_alpha; }),
          number(
              draft, parent,
              {"lora.lora_dropout", tr("&Dropout"),
               tr("Leaves out this share of the adapter's input in training, against learning by heart."),
               tr("of the input")},
              {.low = 0.0, .high = 1.0, .whole = false, .high_open = true},
              [](auto& c) -> auto& { return c.lora.lora_dropout; }),
          toggle(
              draft, parent,
              {"lora.use_rslora",
               tr("Rank-stabilised scale"),
               tr("Scales by alpha over the root of the rank, so that high ranks learn as fast as low ones."),
               {}},
              [](auto& c) -> auto& { return c.lora.use_rslora; }),
          toggle(
              draft, parent,
              {"lora.use_dora",
               tr("Train magnitudes too"),
               tr("DoRA: direction and size of each weight column are learnt apart; slower, sometimes better."),
               {}},
              [](auto& c) -> auto& { return c.lora.use_dora; })};
}

QList<DraftField*> TrainingFields::rows(RunDraft& draft, QWidget* parent) {
  return {number(
              draft, parent,
              {"max_length", tr("Lon&gest row"), tr("Longer rows are cut, or split where the packing splits."),
               tr("tokens")},
              {.low = 1, .high = 2147483647.0}, [](auto& c) -> auto& { return c.max_length; }),
          choice(
              draft, parent,
              {"packing",
               tr("&Packing"),
               tr("Puts several short sequences into one row, so that all steps are equally full; they never see each "
                  "other."),
               {}},
              {{tr("One sequence a row (none)"), static_cast<int>(Packing::kNone)},
               {tr("Best fit, long rows cut (bfd)"), static_cast<int>(Packing::kBfd)},
               {tr("Best fit, long rows split (bfd_split)"), static_cast<int>(Packing::kBfdSplit)},
               {tr("One behind the other (wrapped)"), static_cast<int>(Packing::kWrapped)}},
              [](auto& c) -> auto& { return c.packing; })};
}

QList<DraftField*> TrainingFields::memory(RunDraft& draft, QWidget* parent) {
  return {new ChoiceField(
              draft,
              {"quantization",
               tr("Base weights in"),
               tr("What the adapter learns beside. In 4 bits (QLoRA) they take a quarter of the memory and are a "
                  "little less exact."),
               {}},
              {{tr("Their own bits (none)"), 0}, {tr("4 bits (nf4)"), 1}},
              [](const RunConfig& config) { return config.quantization == "nf4" ? 1 : 0; },
              [](RunConfig& config, int value) { config.quantization = value == 1 ? "nf4" : "none"; }, parent),
          choice(
              draft, parent,
              {"recompute",
               tr("Compute again"),
               tr("Activations that are not kept for the way back, but made anew: less memory, more time."),
               {}},
              {{tr("As far as memory asks for (auto)"), static_cast<int>(Recompute::kAuto)},
               {tr("Nothing (none)"), static_cast<int>(Recompute::kNone)},
               {tr("The MLPs (mlp)"), static_cast<int>(Recompute::kMlp)},
               {tr("Whole layers (layer)"), static_cast<int>(Recompute::kLayer)},
               {tr("Whole layers, from the computer's memory (offload)"), static_cast<int>(Recompute::kOffload)}},
              [](auto& c) -> auto& { return c.recompute; })};
}

QList<DraftField*> TrainingFields::loss(RunDraft& draft, QWidget* parent) {
  return {choice(
      draft, parent,
      {"loss_normalization",
       tr("L&oss is a mean over"),
       tr("What every token of a step weighs. Both losses are recorded; this one is followed downhill."),
       {}},
      {{tr("All tokens of the step (per_token)"), static_cast<int>(LossNormalization::kPerToken)},
       {tr("Sequences, each by itself (per_sequence)"), static_cast<int>(LossNormalization::kPerSequence)}},
      [](auto& c) -> auto& { return c.loss_normalization; })};
}

QList<DraftField*> TrainingFields::watching(RunDraft& draft, QWidget* parent) {
  const NumberRange every = {.low = 0, .high = kMostInteger};
  return {
      number(
          draft, parent,
          {"eval_steps", tr("Evaluate every"),
           tr("Measures the loss on rows that are not trained on; 0 only at the end."), tr("steps")},
          every, [](auto& c) -> auto& { return c.eval_steps; }),
      number(
          draft, parent,
          {"save_steps", tr("Save every"), tr("A checkpoint to go on from; 0 only at the end and when stopped."),
           tr("steps")},
          every, [](auto& c) -> auto& { return c.save_steps; }),
      number(
          draft, parent,
          {"save_total_limit",
           tr("Checkpoints kept"),
           tr("Older ones are removed, so that the disk does not fill."),
           {}},
          {.low = 1, .high = kMostInteger}, [](auto& c) -> auto& { return c.save_total_limit; }),
      number(
          draft, parent,
          {"logging_steps", tr("Report every"), tr("How often a step's figures are told; all are kept in the run."),
           tr("steps")},
          {.low = 1, .high = kMostInteger}, [](auto& c) -> auto& { return c.logging_steps; }),
      number(
          draft, parent,
          {"return_logits.every", tr("Keep log&its every"),
           tr("What the model would have said at each position, for the Inspect page; costs disk and time. 0: never."),
           tr("steps")},
          every, [](auto& c) -> auto& { return c.return_logits.every; }),
      new NumbersField(
          draft,
          {"return_logits.rows", tr("\u2026 of sequences"), tr("Which sequences of the step, counted from 0."), {}},
          [](const RunConfig& config) { return config.return_logits.rows; },
          [](RunConfig& config, std::vector<std::int64_t> rows) { config.return_logits.rows = std::move(rows); },
          parent),
      number(
          draft, parent,
          {"return_logits.logits_to_keep", tr("\u2026 of the last"),
           tr("Only so many positions at the end of each sequence; 0 keeps all of them."), tr("tokens")},
          every, [](auto& c) -> auto& { return c.return_logits.logits_to_keep.last; }),
      number(
          draft, parent,
          {"parity_check.every", tr("Check parity every"),
           tr("Compares training, evaluation and decoding on one batch, so that none of them drifts. 0: never."),
           tr("steps")},
          every, [](auto& c) -> auto& { return c.parity_check_every; })};
}

QList<DraftField*> TrainingFields::advanced(RunDraft& draft, QWidget* parent) {
  const NumberRange at_least_zero = {.low = 0.0, .high = kMostReal, .whole = false};
  const NumberRange beta = {.low = 0.0, .high = 1.0, .whole = false, .high_open = true};
  return {
      number(
          draft, parent,
          {"weight_decay", tr("Weight decay"), tr("Pulls trained weights towards 0 a little at every step."), {}},
          at_least_zero, [](auto& c) -> auto& { return c.weight_decay; }),
      number(
          draft, parent,
          {"max_grad_norm",
           tr("Largest gradient"),
           tr("Longer gradients are scaled down to this norm, against single bad batches; 0 never."),
           {}},
          at_least_zero, [](auto& c) -> auto& { return c.max_grad_norm; }),
      number(
          draft, parent, {"adam_beta1", tr("Adam's beta 1"), tr("How slowly the mean of the gradients forgets."), {}},
          beta, [](auto& c) -> auto& { return c.adam_beta1; }),
      number(
          draft, parent, {"adam_beta2", tr("Adam's beta 2"), tr("How slowly the mean of their squares forgets."), {}},
          beta, [](auto& c) -> auto& { return c.adam_beta2; }),
      number(
          draft, parent,
          {"adam_epsilon", tr("Adam's epsilon"), tr("Keeps the division safe where gradients vanish."), {}},
          {.low = 1e-30, .high = kMostReal, .whole = false}, [](auto& c) -> auto& { return c.adam_epsilon; }),
      number(
          draft, parent,
          {"seed", tr("Seed"), tr("The order of the rows, the adapter's beginning and dropout are drawn from it."), {}},
          {.low = 0, .high = kMostInteger}, [](auto& c) -> auto& { return c.seed; }),
      new ChoiceField(
          draft, {"dtype", tr("Computes in"), tr("bfloat16 is faster where the device has it; float32 is exact."), {}},
          {{tr("The faster one (auto)"), 0}, {tr("32 bits (float32)"), 1}, {tr("16 bits (bfloat16)"), 2}},
          [](const RunConfig& config) { return config.dtype == "float32"    ? 1
                                               : config.dtype == "bfloat16" ? 2
                                                                            : 0; },
          [](RunConfig& config, int value) {
            config.dtype = value == 1 ? "float32" : value == 2 ? "bfloat16" : "auto";
          },
          parent),
      toggle(
          draft, parent,
          {"deterministic",
           tr("Same bits every time"),
           tr("Two runs give the same result to the bit on a GPU too, a little slower."),
           {}},
          [](auto& c) -> auto& { return c.deterministic; })};
}

QString TrainingFields::advice(const QString& key, const RunConfig& config, qint64 model_parameters, qint64 context) {
  constexpr qint64 kTiny = 100'000'000;
  const bool full = config.method == Method::kFull;
  if (key == QLatin1String("learning_rate")) {
    const double rate = config.learning_rate;
    if (rate == 0.0) return tr("At 0 nothing is learnt.");
    if (rate > (full ? 1e-3 : 1e-2)) {
      return full ? tr("So high that training usually falls apart. Try 1e-5 to 1e-4.")
                  : tr("So high that training usually falls apart. Try 1e-4 to 5e-4.");
    }
    if (!full && model_parameters > 0 && model_parameters < kTiny && rate < 1e-3) {
      return tr("Models as small as this one want more, usually 1e-3 to 1e-2.");
    }
    if (!full && model_parameters >= kTiny && rate < 2e-5) return tr("Low for an adapter: 1e-4 to 5e-4 is usual.");
  }
  if (key == QLatin1String("num_train_epochs") && config.max_steps == 0 && config.num_train_epochs > 10.0) {
    return tr("After some ten epochs models mostly recite their rows: watch the evaluation loss.");
  }
  if (key == QLatin1String("lora.lora_alpha") && !full) {
    const double ratio = config.lora.lora_alpha / static_cast<double>(config.lora.r);
    if (ratio > 8.0 || ratio < 0.25) {
      return tr("Alpha is %1 times the rank. Once or twice is usual; the learning rate would have to make up for it.")
          .arg(figure(ratio, 2));
    }
  }
  if (key == QLatin1String("max_length") && context > 0 && config.max_length > context) {
    return tr("The model was made for %1 tokens. Longer rows reach positions that it never saw.").arg(grouped(context));
  }
  if (key == QLatin1String("max_steps") && config.max_steps > 0) {
    return tr("The epochs above do not count as long as this is not 0.");
  }
  if (key == QLatin1String("warmup_ratio") && config.warmup_steps > 0 && config.warmup_ratio > 0.0) {
    return tr("Does not count, as warmup_steps is above 0.");
  }
  if (key == QLatin1String("quantization") && full && config.quantization != "none") {
    return tr("Weights in 4 bits cannot be trained. Choose their own bits here, or an adapter in the Model step.");
  }
  if (key == QLatin1String("adam_beta2") && config.adam_beta2 < 0.9) {
    return tr("Below 0.9 single batches decide how large the steps are.");
  }
  return {};
}

}  // namespace vernier::ui
