#include "ui/widgets/label_words.h"

#include <QCoreApplication>

namespace vernier::ui {
namespace {

struct Words {
  Q_DECLARE_TR_FUNCTIONS(LabelWords)
};

}  // namespace

QString reason_name(LabelReason reason) {
  switch (reason) {
    case LabelReason::kEverything:
      return Words::tr("text");
    case LabelReason::kCompletion:
      return Words::tr("completion");
    case LabelReason::kAssistant:
      return Words::tr("assistant");
    case LabelReason::kEndOfTurn:
      return Words::tr("end of turn");
    case LabelReason::kAddedToken:
      return Words::tr("added by the tokenizer");
    case LabelReason::kPrompt:
      return Words::tr("prompt");
    case LabelReason::kOtherTurn:
      return Words::tr("other roles and template");
    case LabelReason::kGivenLabelled:
      return Words::tr("labelled by the file");
    case LabelReason::kGivenMasked:
      return Words::tr("masked by the file");
    case LabelReason::kToolCall:
      return Words::tr("tool call not rendered");
  }
  return {};
}

QString reason_sentence(LabelReason reason) {
  switch (reason) {
    case LabelReason::kEverything:
      return Words::tr("Learnt: every token of the row is a target.");
    case LabelReason::kCompletion:
      return Words::tr("Learnt: it belongs to the completion.");
    case LabelReason::kAssistant:
      return Words::tr("Learnt: the assistant says it.");
    case LabelReason::kEndOfTurn:
      return Words::tr("Learnt: it ends the turn or the text, which teaches the model to stop.");
    case LabelReason::kAddedToken:
      return Words::tr("Masked: the tokenizer puts it in front by itself.");
    case LabelReason::kPrompt:
      return Words::tr("Masked: it belongs to the prompt.");
    case LabelReason::kOtherTurn:
      return Words::tr("Masked: another role says it, or the template writes it around the turns.");
    case LabelReason::kGivenLabelled:
      return Words::tr("Learnt: the file's own labels say so.");
    case LabelReason::kGivenMasked:
      return Words::tr("Masked: the file's own labels say -100, or its attention_mask says 0.");
    case LabelReason::kToolCall:
      return Words::tr("Masked: the turn carries tool calls that the chat template does not render.");
  }
  return {};
}

QString lost_name(LostReason reason) {
  switch (reason) {
    case LostReason::kPromptTooLong:
      return Words::tr("prompt fills max_length");
    case LostReason::kNoAssistantTurn:
      return Words::tr("no turn of the assistant");
    case LostReason::kEmpty:
      return Words::tr("nothing to learn in it");
    case LostReason::kAllMasked:
      return Words::tr("own labels all -100 behind the first token");
  }
  return {};
}

QString lost_advice(LostReason reason) {
  switch (reason) {
    case LostReason::kPromptTooLong:
      return Words::tr("Every label lies behind max_length. Raise it, or shorten the prompts.");
    case LostReason::kNoAssistantTurn:
      return Words::tr(
          "Only the assistant's turns are learnt, and it says nothing here. Check the roles and the response "
          "marker, or learn everything.");
    case LostReason::kEmpty:
      return Words::tr("The text to learn is empty, or a single token, which nothing predicts. Check the columns.");
    case LostReason::kAllMasked:
      return Words::tr(
          "The labels that the file gives are all -100 behind the first token, which is never predicted. Check how it "
          "was made.");
  }
  return {};
}

}  // namespace vernier::ui
