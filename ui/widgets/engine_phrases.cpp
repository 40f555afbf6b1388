#include "ui/widgets/engine_phrases.h"

#include <QtGlobal>
#include <array>

namespace vernier::ui {

std::span<const char* const> engine_phrases() {
  static constexpr std::array kPhrases = {
      // Stages of loading, checking and exporting.
      QT_TRANSLATE_NOOP("Engine", "Loading weights"),
      QT_TRANSLATE_NOOP("Engine", "Reading data"),
      QT_TRANSLATE_NOOP("Engine", "Reading evaluation data"),
      QT_TRANSLATE_NOOP("Engine", "Reading files"),
      QT_TRANSLATE_NOOP("Engine", "Reading the model's configuration"),
      QT_TRANSLATE_NOOP("Engine", "Predicting memory"),
      QT_TRANSLATE_NOOP("Engine", "Timing a step"),
      QT_TRANSLATE_NOOP("Engine", "Trying the longest rows"),
      QT_TRANSLATE_NOOP("Engine", "Measuring the first loss"),
      QT_TRANSLATE_NOOP("Engine", "Comparing training, evaluation and decoding"),
      QT_TRANSLATE_NOOP("Engine", "Asking the base model"),
      QT_TRANSLATE_NOOP("Engine", "Evaluating"),
      QT_TRANSLATE_NOOP("Engine", "Running the live model"),
      QT_TRANSLATE_NOOP("Engine", "Writing"),
      QT_TRANSLATE_NOOP("Engine", "Reading back"),
      QT_TRANSLATE_NOOP("Engine", "Checking"),
      // Parity: verdicts, summaries, likely causes and their evidence.
      QT_TRANSLATE_NOOP("Engine", "agrees"),
      QT_TRANSLATE_NOOP("Engine", "drifting"),
      QT_TRANSLATE_NOOP("Engine", "differs"),
      QT_TRANSLATE_NOOP("Engine", "Training, evaluation and KV-cache path agree with the reference."),
      QT_TRANSLATE_NOOP("Engine", "The %1, the %2 and the %3 differ from the reference."),
      QT_TRANSLATE_NOOP("Engine", "The %1, the %2 and the %3 differ from the reference. %4"),
      QT_TRANSLATE_NOOP("Engine", "The %1 and the %2 differ from the reference."),
      QT_TRANSLATE_NOOP("Engine", "The %1 and the %2 differ from the reference. %3"),
      QT_TRANSLATE_NOOP("Engine", "The %1 differs from the reference."),
      QT_TRANSLATE_NOOP("Engine", "The %1 differs from the reference. %2"),
      QT_TRANSLATE_NOOP("Engine", "The %1, the %2 and the %3 drift from the reference."),
      QT_TRANSLATE_NOOP("Engine", "The %1, the %2 and the %3 drift from the reference. %4"),
      QT_TRANSLATE_NOOP("Engine", "The %1 and the %2 drift from the reference."),
      QT_TRANSLATE_NOOP("Engine", "The %1 and the %2 drift from the reference. %3"),
      QT_TRANSLATE_NOOP("Engine", "The %1 drifts from the reference."),
      QT_TRANSLATE_NOOP("Engine", "The %1 drifts from the reference. %2"),
      QT_TRANSLATE_NOOP("Engine", "training path"),
      QT_TRANSLATE_NOOP("Engine", "evaluation path"),
      QT_TRANSLATE_NOOP("Engine", "KV-cache path"),
      QT_TRANSLATE_NOOP("Engine", "The embeddings already differ: the table of tokens, or its scale."),
      QT_TRANSLATE_NOOP("Engine",
                        "From layer %1 on tokens differ that have %2 or more before them: the attention mask is not "
                        "that of the sliding window."),
      QT_TRANSLATE_NOOP("Engine",
                        "From layer %1 on later tokens differ while the first of every sequence agrees: rotary "
                        "positions (RoPE) of queries and keys do not belong together."),
      QT_TRANSLATE_NOOP("Engine", "Or attention leaves out earlier tokens: a window, or a cache that loses some."),
      QT_TRANSLATE_NOOP("Engine", "The same figures: a first token has no earlier ones to lose."),
      QT_TRANSLATE_NOOP("Engine",
                        "From layer %1 on every sequence differs but the first: attention reaches over the borders of "
                        "packed sequences."),
      QT_TRANSLATE_NOOP("Engine",
                        "From layer %1 on every token differs, as it would without the adapter: this path leaves it "
                        "out."),
      QT_TRANSLATE_NOOP("Engine",
                        "From layer %1 on every token differs, as it would with another LoRA scale: %2 times what "
                        "lora_alpha and r (%3) give."),
      QT_TRANSLATE_NOOP("Engine",
                        "From layer %1 on the first tokens differ, but not when they stand alone: the attention mask "
                        "lets them see others."),
      QT_TRANSLATE_NOOP(
          "Engine",
          "From layer %1 on every token differs, as it would with other norms: their epsilon seems to be %2, not %3."),
      QT_TRANSLATE_NOOP("Engine",
                        "From layer %1 on every token differs, even alone: a weight, a scale or the activation of that "
                        "layer is not the model's."),
      QT_TRANSLATE_NOOP("Engine",
                        "From layer %1 on every token differs, the first as well: the attention mask lets it see "
                        "entries of the cache that hold no token."),
      QT_TRANSLATE_NOOP("Engine", "Or a weight, a scale or the activation of that layer is not the model's."),
      QT_TRANSLATE_NOOP("Engine", "The same figures."),
      QT_TRANSLATE_NOOP("Engine",
                        "The logits hold NaN or infinity: weights are damaged, or values have grown out of range."),
      QT_TRANSLATE_NOOP("Engine", "%1 of %2 logits are no finite numbers."),
      QT_TRANSLATE_NOOP("Engine", "Two runs with different seeds differ from each other: dropout is on in this path."),
      QT_TRANSLATE_NOOP("Engine",
                        "The logits of the two runs lie %1 of their spread apart, and %2 from the reference (rounding "
                        "stays below %3)."),
      QT_TRANSLATE_NOOP("Engine", "The logits agree and the losses do not: the fused loss head, or its targets."),
      QT_TRANSLATE_NOOP("Engine",
                        "The logits deviate by %1 of their spread (rounding stays below %2), the losses by more."),
      QT_TRANSLATE_NOOP("Engine",
                        "One token is the arg-max at %1 % of the positions (reference: %2 %) although the hidden "
                        "states agree: the logits have collapsed to one row."),
      QT_TRANSLATE_NOOP("Engine",
                        "The hidden states agree and the logits are those of the token before: their rows are off by "
                        "one."),
      QT_TRANSLATE_NOOP("Engine",
                        "The hidden states agree and the logits do not: the head's weight, scale or soft cap."),
      QT_TRANSLATE_NOOP("Engine",
                        "No hidden state deviates by more than %1 of its length, the logits by %2 of their spread "
                        "(rounding stays below %3)."),
      QT_TRANSLATE_NOOP("Engine",
                        "In %1, the worst token deviates by %2 of its length (rounding stays below %3); the first "
                        "tokens of the sequences by at most %4, and alone by less than rounding."),
      QT_TRANSLATE_NOOP(
          "Engine",
          "In %1, the worst token deviates by %2 of its length (rounding stays below %3); the first tokens of the "
          "sequences by at most %4, even alone; no epsilon of the norms explains more than %5 % of it."),
      QT_TRANSLATE_NOOP("Engine",
                        "In %1, the worst token deviates by %2 of its length (rounding stays below %3); the first "
                        "tokens of the sequences by at most %4; the tokens of the first sequence by at most %5."),
      QT_TRANSLATE_NOOP("Engine",
                        "In %1, the worst token deviates by %2 of its length (rounding stays below %3); the first "
                        "tokens of the sequences by at most %4."),
      QT_TRANSLATE_NOOP("Engine",
                        "In %1, the worst token deviates by %2 of its length (rounding stays below %3); the reference "
                        "with that takes away %4 % of that."),
      QT_TRANSLATE_NOOP("Engine",
                        "In %1, the worst token deviates by %2 of its length (rounding stays below %3); the reference "
                        "with an epsilon of %4 takes away %5 % of that."),
      QT_TRANSLATE_NOOP("Engine",
                        "In %1, the worst token deviates by %2 of its length (rounding stays below %3); tokens with "
                        "fewer than %4 before them by at most %5."),
      QT_TRANSLATE_NOOP("Engine", "In %1, the worst token deviates by %2 of its length (rounding stays below %3)."),
      QT_TRANSLATE_NOOP("Engine", "the embeddings"),
      QT_TRANSLATE_NOOP("Engine", "the state after the final norm"),
      QT_TRANSLATE_NOOP("Engine", "what layer %1 leaves"),
      // The check before training: the run file and the model.
      QT_TRANSLATE_NOOP("Engine", "every key is known and every value is in its range."),
      QT_TRANSLATE_NOOP("Engine", "every value is in its range."),
      QT_TRANSLATE_NOOP("Engine", "Correct the run file; README.md lists its keys."),
      QT_TRANSLATE_NOOP("Engine", "this build does all that the run file asks for."),
      QT_TRANSLATE_NOOP("Engine", "Take \"none\": weights in 4 bits cannot be trained."),
      QT_TRANSLATE_NOOP("Engine", "computes on %1 in %2, %3 are free."),
      QT_TRANSLATE_NOOP("Engine", "Choose another --device, or another dtype."),
      QT_TRANSLATE_NOOP("Engine", "a %1 of %2 layers, %3 parameters."),
      QT_TRANSLATE_NOOP("Engine", "Name the folder of a Hugging Face checkpoint in model_name_or_path."),
      QT_TRANSLATE_NOOP("Engine", "random ones, as init_from_config asks for."),
      QT_TRANSLATE_NOOP("Engine", "every tensor is there in its shape."),
      QT_TRANSLATE_NOOP("Engine", "%1 tensors, such as %2, are not called for by config.json and are not used."),
      QT_TRANSLATE_NOOP("Engine", "Make sure that config.json belongs to these weights."),
      QT_TRANSLATE_NOOP("Engine", "Get the checkpoint's files again, complete."),
      QT_TRANSLATE_NOOP("Engine", "Get the checkpoint's files again, complete, as safetensors."),
      QT_TRANSLATE_NOOP("Engine", "none: all weights are trained."),
      QT_TRANSLATE_NOOP("Engine", "goes on from the adapter given: %1 projections, %2 parameters."),
      QT_TRANSLATE_NOOP("Engine", "a new one: %1 projections, %2 parameters."),
      QT_TRANSLATE_NOOP("Engine", "Correct adapter_name_or_path, or begin with a new adapter."),
      QT_TRANSLATE_NOOP("Engine", "Correct lora; \"all-linear\" takes every projection there is."),
      QT_TRANSLATE_NOOP("Engine", "none, and a batch file needs none."),
      QT_TRANSLATE_NOOP("Engine", "it knows %1 tokens, the model %2: a row that uses one of the others is refused."),
      QT_TRANSLATE_NOOP("Engine",
                        "The tokenizer knows %1 tokens, the model %2: a row that uses one of the others is refused."),
      QT_TRANSLATE_NOOP("Engine", "Make sure that the tokenizer belongs to this model."),
      QT_TRANSLATE_NOOP("Engine", "Put the tokenizer's files into the model's folder."),
      QT_TRANSLATE_NOOP("Engine",
                        "Put the tokenizer's files (tokenizer.json or tokenizer.model) into the model's folder."),
      QT_TRANSLATE_NOOP("Engine", "none; only conversations need one."),
      QT_TRANSLATE_NOOP("Engine", "the model's."),
      QT_TRANSLATE_NOOP("Engine", "Correct chat_template, or leave it out to use the model's."),
      QT_TRANSLATE_NOOP("Engine", "Correct the chat template, or choose a built-in one for the data."),
      // The check before training: the data.
      QT_TRANSLATE_NOOP("Engine", "%1 rows (%2), %3 tokens, %4 of them with a label."),
      QT_TRANSLATE_NOOP("Engine", "a batch file of %1 rows."),
      QT_TRANSLATE_NOOP("Engine", "on %1 rows."),
      QT_TRANSLATE_NOOP(
          "Engine",
          "Correct the data file, or dataset.format and dataset.columns; vernier-cli data --rows shows rows."),
      QT_TRANSLATE_NOOP(
          "Engine",
          "%1 of %2 tokens (%3) have a label: %4. Nearly all of the time goes into tokens that teach nothing."),
      QT_TRANSLATE_NOOP("Engine", "%1 of %2 tokens (%3) have a label: %4."),
      QT_TRANSLATE_NOOP("Engine", "what the assistant says, where it lies in the completion"),
      QT_TRANSLATE_NOOP("Engine", "what the assistant says"),
      QT_TRANSLATE_NOOP("Engine", "the completion"),
      QT_TRANSLATE_NOOP("Engine", "everything, prompts too"),
      QT_TRANSLATE_NOOP("Engine", "Look at the rows' masks; raise max_length where answers are cut off."),
      QT_TRANSLATE_NOOP("Engine", "Leave them out with drop_duplicates."),
      QT_TRANSLATE_NOOP("Engine", "Leave them out of the evaluation with drop_eval_overlap."),
      QT_TRANSLATE_NOOP("Engine", "Hold out a tenth of the rows to train on."),
      QT_TRANSLATE_NOOP("Engine", "Evaluate on other rows, or on none."),
      QT_TRANSLATE_NOOP("Engine", "Choose a built-in chat_template, or correct the model's."),
      QT_TRANSLATE_NOOP("Engine", "%1 rows that are trained on are left out; %2 to evaluate on remain."),
      QT_TRANSLATE_NOOP("Engine",
                        "all %1 rows to evaluate on are trained on: drop_eval_overlap leaves none of them. "
                        "Evaluate on others, or set drop_eval_overlap to false."),
      QT_TRANSLATE_NOOP("Engine", "Raise max_length."),
      QT_TRANSLATE_NOOP("Engine", "Learn from every turn, or correct the roles."),
      QT_TRANSLATE_NOOP("Engine", "no conversation ends without the special token that ends the assistant's turn."),
      QT_TRANSLATE_NOOP("Engine", "no row is cut at max_length %1."),
      QT_TRANSLATE_NOOP("Engine", "no row gives the tokens and labels of another."),
      QT_TRANSLATE_NOOP("Engine", "none of the %1 rows to evaluate on is trained on."),
      QT_TRANSLATE_NOOP(
          "Engine",
          "%1 of the %2 rows to evaluate on are also trained on: the evaluation shows what was learnt by heart, too."),
      QT_TRANSLATE_NOOP("Engine", "rows of up to %1 tokens, and the model was made for %2."),
      QT_TRANSLATE_NOOP("Engine", "Lower max_length to %1."),
      QT_TRANSLATE_NOOP("Engine", "no row is longer than the %1 tokens that the model was made for."),
      QT_TRANSLATE_NOOP("Engine", "%1 of the %2 rows of %3 have no token with a label and are left out (%4)."),
      QT_TRANSLATE_NOOP("Engine", "%1 whose labels all lie behind max_length"),
      QT_TRANSLATE_NOOP("Engine", "%1 without a turn of the assistant"),
      QT_TRANSLATE_NOOP("Engine", "%1 with nothing to learn in them"),
      QT_TRANSLATE_NOOP("Engine", "%1 whose own labels are all -100 behind the never predicted first token"),
      QT_TRANSLATE_NOOP("Engine",
                        "%1 of the %2 rows of %3 end the assistant's turn without a special token of this tokenizer: a "
                        "model that learns from them does not learn to stop."),
      QT_TRANSLATE_NOOP("Engine", "Choose a chat_template whose end of turn is one token."),
      QT_TRANSLATE_NOOP("Engine", "%1 of the %2 rows of %3 are longer than max_length %4 and are cut."),
      QT_TRANSLATE_NOOP("Engine", "Raise max_length, or split long rows with \"packing\": \"bfd_split\"."),
      QT_TRANSLATE_NOOP("Engine", "%1 of the %2 rows of %3 give exactly the tokens and labels of an earlier one."),
      QT_TRANSLATE_NOOP(
          "Engine", "%1 of the %2 rows of %3 give exactly the tokens and labels of an earlier one and are left out."),
      QT_TRANSLATE_NOOP(
          "Engine",
          "%1 of the %2 rows of %3 spell a special token in their content: the model reads it as the token itself."),
      QT_TRANSLATE_NOOP("Engine",
                        "%1 of the %2 rows of %3 hold a placeholder such as {{name}} that was never filled in."),
      QT_TRANSLATE_NOOP("Engine",
                        "%1 of the %2 rows of %3 bring a BOS of their own: the tokenizer's second one is left out."),
      QT_TRANSLATE_NOOP("Engine",
                        "%1 of the %2 rows of %3 are conversations, and the model has no chat template: they are laid "
                        "out in Alpaca's way."),
      QT_TRANSLATE_NOOP("Engine", "Choose one with chat_template."),
      // The check before training: schedule, learning rate, memory, disk.
      QT_TRANSLATE_NOOP("Engine", "%1 steps, %2 of them to warm up."),
      QT_TRANSLATE_NOOP("Engine", "the run has only %1 steps: hardly anything will be learnt."),
      QT_TRANSLATE_NOOP("Engine", "Take fewer rows a step."),
      QT_TRANSLATE_NOOP("Engine", "Train on them more often."),
      QT_TRANSLATE_NOOP(
          "Engine",
          "the learning rate warms up for %1 steps, and the run has %2 steps: it never reaches learning_rate."),
      QT_TRANSLATE_NOOP("Engine", "Lower warmup_steps or warmup_ratio, or train longer."),
      QT_TRANSLATE_NOOP("Engine", "learning_rate is 0: nothing will change in %1 steps."),
      QT_TRANSLATE_NOOP("Engine", "Set learning_rate to %1, say."),
      QT_TRANSLATE_NOOP("Engine",
                        "up to %1, which works but is bold: about %2 is usual for all weights of a model of this "
                        "width, and with more the loss may jump."),
      QT_TRANSLATE_NOOP("Engine",
                        "up to %1, which works but is careful: about %2 is usual for all weights of a model of this "
                        "width, and with less the model learns more slowly."),
      QT_TRANSLATE_NOOP("Engine",
                        "up to %1, which works but is bold: about %2 is usual for this width, with this lora_alpha and "
                        "rank, and with more the loss may jump."),
      QT_TRANSLATE_NOOP("Engine",
                        "up to %1, which works but is careful: about %2 is usual for this width, with this lora_alpha "
                        "and rank, and with less the model learns more slowly."),
      QT_TRANSLATE_NOOP("Engine", "up to %1; about %2 is usual for all weights of a model of this width."),
      QT_TRANSLATE_NOOP("Engine",
                        "learning_rate %1 is so high that training usually falls apart; about %2 is usual for all "
                        "weights of a model of this width."),
      QT_TRANSLATE_NOOP("Engine",
                        "learning_rate %1 is so low that little will be learnt; about %2 is usual for all weights of a "
                        "model of this width."),
      QT_TRANSLATE_NOOP("Engine", "up to %1; about %2 is usual for this width, with this lora_alpha and rank."),
      QT_TRANSLATE_NOOP("Engine",
                        "learning_rate %1 is so high that training usually falls apart; about %2 is usual for this "
                        "width, with this lora_alpha and rank."),
      QT_TRANSLATE_NOOP("Engine",
                        "learning_rate %1 is so low that little will be learnt; about %2 is usual for this width, with "
                        "this lora_alpha and rank."),
      QT_TRANSLATE_NOOP("Engine", "the run's peak will be %1, and %2 are free; recompute is \"%3\"."),
      QT_TRANSLATE_NOOP(
          "Engine",
          "the run's peak will be %1, and %2 are free, with %3 of the computer's memory beside; recompute "
          "is \"%4\"."),
      QT_TRANSLATE_NOOP("Engine",
                        "Lower per_device_train_batch_size (and raise gradient_accumulation_steps), or max_length, to "
                        "leave others some room."),
      QT_TRANSLATE_NOOP("Engine", "Do as the message says, or use another device."),
      QT_TRANSLATE_NOOP("Engine",
                        "checkpoints and the result take about %1 and the record %2: %3 in all, and %4 are free at "
                        "%5."),
      QT_TRANSLATE_NOOP("Engine",
                        "checkpoints and the result take about %1, captured logits %2, the record %3: %4 in all, and "
                        "%5 are free at %6."),
      QT_TRANSLATE_NOOP("Engine", "checkpoints and the result take about %1, and %2 are free at %3."),
      QT_TRANSLATE_NOOP("Engine", "Choose a folder on another disk with --out."),
      QT_TRANSLATE_NOOP("Engine", "Free some room, choose another place with --out, or lower save_total_limit."),
      QT_TRANSLATE_NOOP("Engine", "Free some room, choose another place with --out, or raise return_logits.every."),
      // The check before training: one real step.
      QT_TRANSLATE_NOOP("Engine", "weights, gradients, optimizer and room for the passes take %1; loaded in %2 s."),
      QT_TRANSLATE_NOOP("Engine", "the loss of row %1 is no finite number before anything was trained."),
      QT_TRANSLATE_NOOP("Engine", "Get the weights again, or compute in float32."),
      QT_TRANSLATE_NOOP(
          "Engine",
          "the largest micro-batch, %1 sequences of %2 tokens together, takes %3 ms and %4 at its peak, %5 predicted."),
      QT_TRANSLATE_NOOP("Engine", "Leave the device more free memory than was predicted."),
      QT_TRANSLATE_NOOP("Engine", "the gradient is no finite number."),
      QT_TRANSLATE_NOOP("Engine", "Compute in float32, or look at the weights."),
      QT_TRANSLATE_NOOP("Engine", "every gradient is exactly 0: nothing would be learnt."),
      QT_TRANSLATE_NOOP("Engine", "its norm is %1, but %2 of %3 projections get none, such as %4."),
      QT_TRANSLATE_NOOP("Engine", "its norm is %1, next to nothing: what is learnt drowns in rounding."),
      QT_TRANSLATE_NOOP("Engine", "its norm is %1, and nothing clips it."),
      QT_TRANSLATE_NOOP("Engine", "Set max_grad_norm to 1."),
      QT_TRANSLATE_NOOP("Engine", "its norm is %1, and each of %2 projections gets some."),
      QT_TRANSLATE_NOOP("Engine", "its norm is %1."),
      QT_TRANSLATE_NOOP("Engine", "Lower lora_dropout."),
      QT_TRANSLATE_NOOP("Engine", "Begin with a new adapter: both matrices of this one are zero."),
      QT_TRANSLATE_NOOP("Engine", "Look at the rows' masks and at the model's weights."),
      QT_TRANSLATE_NOOP("Engine",
                        "the first step's rows cost %1 nats a token; a blind guess over %2 tokens is ln V = %3. The "
                        "model does worse than guessing."),
      QT_TRANSLATE_NOOP("Engine",
                        "the first step's rows cost %1 nats a token; a blind guess over %2 tokens is ln V = %3. Random "
                        "weights can do no better yet."),
      QT_TRANSLATE_NOOP("Engine",
                        "the first step's rows cost %1 nats a token; a blind guess over %2 tokens is ln V = %3. The "
                        "model does no better than guessing."),
      QT_TRANSLATE_NOOP("Engine",
                        "the first step's rows cost %1 nats a token; a blind guess over %2 tokens is ln V = %3. The "
                        "model knows these rows by heart: there is next to nothing to learn."),
      QT_TRANSLATE_NOOP("Engine",
                        "the first step's rows cost %1 nats a token; a blind guess over %2 tokens is ln V = %3."),
      QT_TRANSLATE_NOOP(
          "Engine",
          "Look at the rows as the tokenizer sees them: tokenizer, chat template and labels have to be the model's."),
      QT_TRANSLATE_NOOP(
          "Engine", "Make sure that the weights are those of a trained model and that the tokenizer belongs to them."),
      QT_TRANSLATE_NOOP("Engine", "Take rows that it has not seen, or train less."),
      QT_TRANSLATE_NOOP("Engine", "nothing to compare: the first step's rows have a single token."),
      QT_TRANSLATE_NOOP("Engine", "Compute in float32, and report this where it stays."),
      QT_TRANSLATE_NOOP("Engine", "What is evaluated is not what is trained: report this before trusting either."),
      QT_TRANSLATE_NOOP("Engine", "%1 with the adapter, %2 without it: a new adapter changes nothing."),
      QT_TRANSLATE_NOOP("Engine", "%1 with the adapter, %2 without it: a new adapter must not change anything."),
      QT_TRANSLATE_NOOP("Engine", "Report this: what is trained is not the model."),
      QT_TRANSLATE_NOOP("Engine", "%1 with the adapter, %2 without it: the adapter given makes these rows harder."),
      QT_TRANSLATE_NOOP("Engine",
                        "Begin with a new adapter, or make sure that this one belongs to the model and the data."),
      QT_TRANSLATE_NOOP("Engine", "%1 with the adapter, %2 without it."),
      // How runs and exports end.
      QT_TRANSLATE_NOOP("Engine", "Stopped before the first step."),
      QT_TRANSLATE_NOOP("Engine",
                        "Stopped after step %1 of %2. Saved: checkpoints/step-%3 (weights, optimizer and random state) "
                        "and adapter/."),
      QT_TRANSLATE_NOOP(
          "Engine",
          "Stopped after step %1 of %2. Saved: checkpoints/step-%3 (weights, optimizer and random state) and model/."),
      QT_TRANSLATE_NOOP("Engine", "Nothing left to do: %1 steps are done, %2 were asked for."),
      QT_TRANSLATE_NOOP("Engine", "%1 steps had no token with a label and were skipped."),
      QT_TRANSLATE_NOOP("Engine",
                        "A defect is planted in this run, for a test or a lesson: what it learns is no result."),
      QT_TRANSLATE_NOOP(
          "Engine",
          "No step had the sequences %1 of return_logits.rows, which count from 0: of these no logits were captured."),
      QT_TRANSLATE_NOOP("Engine",
                        "The adapter that training goes on from keeps its own %1, whatever the run file says."),
      QT_TRANSLATE_NOOP("Engine", "Leave them out of the run file, or start a new adapter."),
      QT_TRANSLATE_NOOP(
          "Engine",
          "llama.cpp attends to everything in %1 models: beyond the sliding window of %2 tokens its results differ."),
      // Why a device cannot be used.
      QT_TRANSLATE_NOOP("Engine", "This installation of Vernier computes on the CPU only: it has no %1."),
      QT_TRANSLATE_NOOP("Engine", "The CUDA backend cannot be loaded: %1."),
      QT_TRANSLATE_NOOP("Engine", "%1 belongs to another build of Vernier; install both from one package."),
      // What stands in the way.
      QT_TRANSLATE_NOOP("Engine", "the file cannot be read."),
      QT_TRANSLATE_NOOP("Engine", "there is no such file."),
      QT_TRANSLATE_NOOP("Engine", "there is no such run file."),
      QT_TRANSLATE_NOOP("Engine", "there is no such model folder."),
      QT_TRANSLATE_NOOP("Engine", "no such folder: expected a Hugging Face checkpoint folder."),
      QT_TRANSLATE_NOOP("Engine", "no config.json: expected a Hugging Face checkpoint folder."),
      QT_TRANSLATE_NOOP("Engine", "no adapter_model.safetensors: expected the folder of a PEFT adapter."),
      QT_TRANSLATE_NOOP("Engine", "no adapter_config.json: expected the folder of a PEFT adapter."),
      QT_TRANSLATE_NOOP("Engine", "the tokenizer cannot be read, or it is empty."),
      QT_TRANSLATE_NOOP("Engine", "not a JSON object: the file is damaged."),
      QT_TRANSLATE_NOOP("Engine", "got a pipe or a device, expected a regular file: save it to one first."),
      QT_TRANSLATE_NOOP("Engine", "got a file, expected a Hugging Face checkpoint folder."),
      QT_TRANSLATE_NOOP("Engine", "got a file, expected the folder of a PEFT adapter."),
      QT_TRANSLATE_NOOP("Engine",
                        "%1: got a folder with %2 in it, expected a new or empty one. Choose another folder."),
      QT_TRANSLATE_NOOP("Engine", "the run file is empty: expected a JSON object {...}."),
      QT_TRANSLATE_NOOP("Engine", "the run file cannot be read."),
      QT_TRANSLATE_NOOP("Engine", "got a folder, expected a run file."),
      QT_TRANSLATE_NOOP("Engine", "the data file has no rows: expected at least one."),
      QT_TRANSLATE_NOOP("Engine", "out: got a folder, expected the name of a file."),
      QT_TRANSLATE_NOOP("Engine", "cannot write: the file is there. Choose another name or remove it."),
      QT_TRANSLATE_NOOP("Engine", "cannot write: got a folder, expected the name of a file."),
      QT_TRANSLATE_NOOP("Engine", "cannot write a folder: a file of that name is there."),
      QT_TRANSLATE_NOOP("Engine", "the machine is out of memory."),
      QT_TRANSLATE_NOOP("Engine", "disk: got %1 bytes free, expected %2 for the export. Choose another place."),
      // What is wrong with data, settings or memory.
      QT_TRANSLATE_NOOP("Engine", "encoded as UTF-32: save it as UTF-8."),
      QT_TRANSLATE_NOOP("Engine", "encoded as UTF-16: save it as UTF-8."),
      QT_TRANSLATE_NOOP("Engine", "encoded as UTF-16 without a byte order mark: save it as UTF-8."),
      QT_TRANSLATE_NOOP("Engine", "a ZIP archive (or a spreadsheet): unpack it, and save the data as JSONL or CSV."),
      QT_TRANSLATE_NOOP("Engine", "not UTF-8 at byte %1 of the row: save the file as UTF-8 (it may be Latin-1)."),
      QT_TRANSLATE_NOOP("Engine",
                        "no known format: the row has %1, expected messages, conversations, prompt and completion, "
                        "instruction and output, question and answer, text, or input_ids. %2"),
      QT_TRANSLATE_NOOP("Engine", "dataset.columns can map names."),
      QT_TRANSLATE_NOOP("Engine", "the row is longer than %1 MiB: expected one object a line, or an array of objects."),
      QT_TRANSLATE_NOOP("Engine", "the file ends inside its array: it is cut short."),
      QT_TRANSLATE_NOOP("Engine", "none of the %1 rows has a token to learn: in every row %2"),
      QT_TRANSLATE_NOOP("Engine", "none of the %1 rows has a token to learn: in %2 of them %3"),
      QT_TRANSLATE_NOOP("Engine", "the prompt alone fills max_length (%1 tokens). Raise max_length."),
      QT_TRANSLATE_NOOP("Engine", "there is nothing behind response_part \"%1\". Check its spelling."),
      QT_TRANSLATE_NOOP(
          "Engine", "there is no message with the role assistant. Check the roles, or turn off assistant_only_loss."),
      QT_TRANSLATE_NOOP("Engine", "the text to learn is empty, or a single token. Check which columns are read."),
      QT_TRANSLATE_NOOP("Engine",
                        "the labels given are all -100 behind the first token, which is never predicted. Check how the "
                        "file was made."),
      QT_TRANSLATE_NOOP("Engine",
                        "packing cuts in front of each token with a label, and a piece's first token is never "
                        "predicted (max_length %1). Raise max_length."),
      QT_TRANSLATE_NOOP("Engine", "loss: got %1 at sequence %2 (row %3 of the data), expected a finite number. %4"),
      QT_TRANSLATE_NOOP("Engine", "gradient norm: got %1, expected a finite number. %2"),
      QT_TRANSLATE_NOOP("Engine",
                        "%1: got NaN or infinity after the update, expected finite numbers. It is not saved. %2"),
      QT_TRANSLATE_NOOP("Engine",
                        "No update has been made yet: the model's weights or the adapter hold NaN, infinity or far too "
                        "large numbers."),
      QT_TRANSLATE_NOOP(
          "Engine", "No update has been made yet: the model's weights hold NaN, infinity or far too large numbers."),
      QT_TRANSLATE_NOOP("Engine",
                        "The last good checkpoint is that of step %1. Lower learning_rate, or raise warmup_steps."),
      QT_TRANSLATE_NOOP("Engine", "Nothing was saved before. Lower learning_rate, or raise warmup_steps."),
      QT_TRANSLATE_NOOP("Engine",
                        "Remove the checkpoint of step %1, whose weights gave this: the last good checkpoint is that "
                        "of step %2. Lower learning_rate, or raise warmup_steps."),
      QT_TRANSLATE_NOOP("Engine",
                        "Remove the checkpoint of step %1, whose weights gave this: there is no older one. Lower "
                        "learning_rate, or raise warmup_steps."),
      QT_TRANSLATE_NOOP("Engine",
                        "none of the %1 rows that eval_fraction splits off has a token to learn. Raise eval_fraction, "
                        "or set it to 0."),
      QT_TRANSLATE_NOOP("Engine",
                        "%1 of the %2 rows of %3 end the assistant's turn behind the chat template's {% generation %} "
                        "block: the token that ends it is not learnt, and the model does not learn to stop."),
      QT_TRANSLATE_NOOP("Engine", "Move {% endgeneration %} behind the token that ends the turn."),
      QT_TRANSLATE_NOOP(
          "Engine",
          "%1 of the assistant's turns in %2 are changed behind their {% generation %} block, as by a filter around a "
          "macro: they cannot be found in what the chat template renders, and are not learnt."),
      QT_TRANSLATE_NOOP("Engine", "Put {% generation %} around what is written last, outside of filters and macros."),
      QT_TRANSLATE_NOOP("Engine",
                        "%1 of the assistant's turns in %2 carry tool_calls that the chat template does not render: "
                        "these turns are masked."),
      QT_TRANSLATE_NOOP("Engine", "Choose a chat_template that renders tool calls."),
      QT_TRANSLATE_NOOP(
          "Engine",
          "%1 of the %2 rows of %3 bring tools that the chat template does not render: the model never sees them."),
      QT_TRANSLATE_NOOP("Engine", "Choose a chat_template that renders tools."),
      QT_TRANSLATE_NOOP("Engine", "%1 is read as plain text; its first line looks like the header of a CSV."),
      QT_TRANSLATE_NOOP("Engine", "If it is one, let its name end in .csv or .tsv."),
      QT_TRANSLATE_NOOP("Engine", "packed with %1: unpack it, or pack it with gzip or zstd, which are read."),
      QT_TRANSLATE_NOOP("Engine", "%1: got %2 values, expected %3, as many as input_ids."),
      QT_TRANSLATE_NOOP("Engine", "%1: got %2, expected 0 or 1."),
      QT_TRANSLATE_NOOP(
          "Engine",
          "config.json ties the output head to the embedding, but the weights hold a different one, which is used."),
      QT_TRANSLATE_NOOP("Engine", "Set tie_word_embeddings to false in config.json if that is meant."),
      QT_TRANSLATE_NOOP("Engine", "it has no columns to map."),
      QT_TRANSLATE_NOOP("Engine", "assistant_only_loss needs messages. Turn it off."),
      QT_TRANSLATE_NOOP("Engine", "completion_only_loss needs a prompt and a completion. Turn it off."),
      QT_TRANSLATE_NOOP("Engine", "eval_fraction: got %1 of %2 rows, expected to leave at least one row to train on."),
      QT_TRANSLATE_NOOP(
          "Engine", "lora.target_modules: got \"%1\", expected \"all-linear\" or some of %2, which this model has."),
      QT_TRANSLATE_NOOP("Engine",
                        "a micro-batch of %1 tokens: got a need for %2, expected at most %3, which are free. %4"),
      QT_TRANSLATE_NOOP("Engine", "the model's weights: got %1 bytes, expected at most %2 that are free. %3"),
      QT_TRANSLATE_NOOP("Engine", "Use a smaller model."),
      QT_TRANSLATE_NOOP("Engine", "Set %1 to %2 and %3 to %4 and %5 to %6."),
      QT_TRANSLATE_NOOP("Engine", "Set %1 to %2 and %3 to %4."),
      QT_TRANSLATE_NOOP("Engine", "Set %1 to %2."),
      QT_TRANSLATE_NOOP(
          "Engine",
          "The checkpoint holds %1 tensors that its config.json does not call for, and they are not used: %2."),
      QT_TRANSLATE_NOOP("Engine", "The token cache of %1 could not be used, as %2: it is made anew."),
      QT_TRANSLATE_NOOP("Engine", "The rows are kept in memory, without a token cache: %1"),
      QT_TRANSLATE_NOOP("Engine", "Checkpoint step-%1 cannot be used: %2"),
      // Devices that cannot compute.
      QT_TRANSLATE_NOOP("Engine", "No NVIDIA driver was found; install one to compute on an NVIDIA GPU."),
      QT_TRANSLATE_NOOP("Engine",
                        "The NVIDIA driver is too old: got one for CUDA %1, expected CUDA %2 or later; update the "
                        "driver."),
      QT_TRANSLATE_NOOP("Engine", "No NVIDIA GPU was found."),
      QT_TRANSLATE_NOOP("Engine", "The NVIDIA driver refuses: %1."),
      QT_TRANSLATE_NOOP("Engine", "This GPU has compute capability %1, expected 8.0 (Ampere) or later."),
      QT_TRANSLATE_NOOP("Engine",
                        "This build of Vernier holds no code for compute capability %1; build it with "
                        "VERNIER_CUDA_ARCHITECTURES=%2."),
      QT_TRANSLATE_NOOP("Engine", "The GPU cannot be used: %1."),
      // Few words stand between the places of these: they are tried last.
      QT_TRANSLATE_NOOP("Engine", "[%1] %2"),
      QT_TRANSLATE_NOOP("Engine", "%1 tokens: %2"),
      QT_TRANSLATE_NOOP("Engine", "%1 tokens."),
  };
  return kPhrases;
}

}  // namespace vernier::ui
