#include "ui/pages/setup/check_words.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <array>
#include <nlohmann/json.hpp>

#include "ui/style/paint.h"
#include "ui/widgets/engine_text.h"

namespace vernier::ui {
namespace {

struct Words {
  const char* id;
  const char* title;
  const char* meaning;
};

// clang-format off
constexpr std::array kWords = {
    Words{"run_file", QT_TRANSLATE_NOOP("CheckWords", "Configuration"),
          QT_TRANSLATE_NOOP("CheckWords", "Every value has to be in its range, and no two may contradict each other.")},
    Words{"settings", QT_TRANSLATE_NOOP("CheckWords", "What this build can do"),
          QT_TRANSLATE_NOOP("CheckWords", "A setting that this build does not have is refused here, not after minutes of loading.")},
    Words{"device", QT_TRANSLATE_NOOP("CheckWords", "Device"),
          QT_TRANSLATE_NOOP("CheckWords", "What computes, and in which element type. bfloat16 halves the memory and rounds to three digits.")},
    Words{"model", QT_TRANSLATE_NOOP("CheckWords", "Model"),
          QT_TRANSLATE_NOOP("CheckWords", "config.json says how the weights are to be used; a family that is not known here cannot be trained.")},
    Words{"weights", QT_TRANSLATE_NOOP("CheckWords", "Weights' shapes"),
          QT_TRANSLATE_NOOP("CheckWords", "Every tensor that the model calls for has to be in the files, in its shape.")},
    Words{"adapter", QT_TRANSLATE_NOOP("CheckWords", "What is trained"),
          QT_TRANSLATE_NOOP("CheckWords", "The projections that get a low-rank branch, and how many numbers that makes to learn.")},
    Words{"tokenizer", QT_TRANSLATE_NOOP("CheckWords", "Tokenizer"),
          QT_TRANSLATE_NOOP("CheckWords", "Token ids mean something only together with the model that they were made for.")},
    Words{"chat_template", QT_TRANSLATE_NOOP("CheckWords", "Chat template"),
          QT_TRANSLATE_NOOP("CheckWords", "It lays a conversation out as text. Another one than the model's makes it learn a new language first.")},
    Words{"data", QT_TRANSLATE_NOOP("CheckWords", "Data"),
          QT_TRANSLATE_NOOP("CheckWords", "Every row is read, laid out, tokenized and labelled, as the run will do it.")},
    Words{"labels", QT_TRANSLATE_NOOP("CheckWords", "Labels"),
          QT_TRANSLATE_NOOP("CheckWords", "Only tokens with a label are learnt. Where few have one, most of the time goes into nothing; where prompts have one, the model learns to ask.")},
    Words{"rows_without_labels", QT_TRANSLATE_NOOP("CheckWords", "Rows without labels"),
          QT_TRANSLATE_NOOP("CheckWords", "Such rows are left out: nothing in them could be learnt.")},
    Words{"unclosed_turns", QT_TRANSLATE_NOOP("CheckWords", "Template closes turns"),
          QT_TRANSLATE_NOOP("CheckWords", "A model that never sees the end of an answer does not learn to stop: it talks on until the limit.")},
    Words{"truncated", QT_TRANSLATE_NOOP("CheckWords", "Truncation"),
          QT_TRANSLATE_NOOP("CheckWords", "Rows are cut at max_length, at their end, where the answer is.")},
    Words{"duplicates", QT_TRANSLATE_NOOP("CheckWords", "Duplicates"),
          QT_TRANSLATE_NOOP("CheckWords", "A row that stands twice counts twice and is sooner learnt by heart.")},
    Words{"eval_overlap", QT_TRANSLATE_NOOP("CheckWords", "Evaluation rows that are trained on"),
          QT_TRANSLATE_NOOP("CheckWords", "A loss on rows that are trained on falls even where nothing general is learnt: it cannot warn of overfitting.")},
    Words{"evaluation", QT_TRANSLATE_NOOP("CheckWords", "Evaluation"),
          QT_TRANSLATE_NOOP("CheckWords", "Rows that are never trained on show whether what is learnt holds elsewhere.")},
    Words{"placeholders", QT_TRANSLATE_NOOP("CheckWords", "Placeholders"),
          QT_TRANSLATE_NOOP("CheckWords", "The model learns to say them, braces and all.")},
    Words{"special_tokens_in_content", QT_TRANSLATE_NOOP("CheckWords", "Special tokens in texts"),
          QT_TRANSLATE_NOOP("CheckWords", "Spelt out in a text, an end of turn ends the turn.")},
    Words{"double_bos", QT_TRANSLATE_NOOP("CheckWords", "Two beginnings"),
          QT_TRANSLATE_NOOP("CheckWords", "Template and tokenizer both wanted to begin the text; one of them is enough.")},
    Words{"end_outside_generation", QT_TRANSLATE_NOOP("CheckWords", "Template learns the end of a turn"),
          QT_TRANSLATE_NOOP("CheckWords", "A model that does not learn the token that ends an answer does not learn to stop.")},
    Words{"generation_not_found", QT_TRANSLATE_NOOP("CheckWords", "Template's generation blocks"),
          QT_TRANSLATE_NOOP("CheckWords", "What the template marks as generated is what is learnt; where it cannot be found, the turn is masked.")},
    Words{"tool_calls_not_rendered", QT_TRANSLATE_NOOP("CheckWords", "Tool calls"),
          QT_TRANSLATE_NOOP("CheckWords", "A call that the template leaves out would teach the model to say nothing where it should call a tool.")},
    Words{"tools_not_rendered", QT_TRANSLATE_NOOP("CheckWords", "Lists of tools"),
          QT_TRANSLATE_NOOP("CheckWords", "A model that never sees which tools there are learns to call them by heart.")},
    Words{"looks_like_csv", QT_TRANSLATE_NOOP("CheckWords", "A table read as text"),
          QT_TRANSLATE_NOOP("CheckWords", "The columns of a table are told apart by the file's name or by its header.")},
    Words{"no_chat_template", QT_TRANSLATE_NOOP("CheckWords", "No chat template"),
          QT_TRANSLATE_NOOP("CheckWords", "Conversations are laid out in a plain way, which has to be used when asking the model later, too.")},
    Words{"token_cache", QT_TRANSLATE_NOOP("CheckWords", "Token cache"),
          QT_TRANSLATE_NOOP("CheckWords", "Tokens of files read before are kept to start quicker; without it the file is read again.")},
    Words{"context", QT_TRANSLATE_NOOP("CheckWords", "Context"),
          QT_TRANSLATE_NOOP("CheckWords", "Positions that the model has never seen are understood badly.")},
    Words{"schedule", QT_TRANSLATE_NOOP("CheckWords", "Schedule"),
          QT_TRANSLATE_NOOP("CheckWords", "The learning rate rises over the warm-up and falls until the end; both have to fit into the run.")},
    Words{"learning_rate", QT_TRANSLATE_NOOP("CheckWords", "Learning rate in range"),
          QT_TRANSLATE_NOOP("CheckWords", "What reaches the weights grows with the rate and, for LoRA, with lora_alpha. The usual value falls with the model's width.")},
    Words{"memory", QT_TRANSLATE_NOOP("CheckWords", "Memory"),
          QT_TRANSLATE_NOOP("CheckWords", "Predicted to the byte before anything is loaded. A run that does not fit says so here, not in the middle.")},
    Words{"disk", QT_TRANSLATE_NOOP("CheckWords", "Disk"),
          QT_TRANSLATE_NOOP("CheckWords", "Checkpoints and the result have to fit, with one more being written.")},
    Words{"loading", QT_TRANSLATE_NOOP("CheckWords", "Loading"),
          QT_TRANSLATE_NOOP("CheckWords", "The weights are read as the run will read them.")},
    Words{"longest_batch", QT_TRANSLATE_NOOP("CheckWords", "Longest rows first"),
          QT_TRANSLATE_NOOP("CheckWords", "A step on the longest rows, up to the update: the run meets nothing worse later.")},
    Words{"gradient", QT_TRANSLATE_NOOP("CheckWords", "Gradient is not zero"),
          QT_TRANSLATE_NOOP("CheckWords", "A projection without a gradient learns nothing, however long the run is.")},
    Words{"first_loss", QT_TRANSLATE_NOOP("CheckWords", "First loss"),
          QT_TRANSLATE_NOOP("CheckWords", "A trained model does better than guessing, ln V. Where it does not, it reads something else than what you see.")},
    Words{"parity", QT_TRANSLATE_NOOP("CheckWords", "Training and evaluation agree"),
          QT_TRANSLATE_NOOP("CheckWords", "One batch through the training, the evaluation and the KV-cache path. Where they differ, the loss you see is not the model you get.")},
    Words{"base_loss", QT_TRANSLATE_NOOP("CheckWords", "First loss and base model"),
          QT_TRANSLATE_NOOP("CheckWords", "A new adapter begins as nothing, so that its first loss is the base model's own; one that goes on should be better.")},
};
// clang-format on

const Words* words_of(const std::string& id) {
  for (const Words& words : kWords) {
    if (id == words.id) return &words;
  }
  return nullptr;
}

QString translated(const char* text) {
  return QCoreApplication::translate("CheckWords", text);
}

QString text_of(const nlohmann::json& value) {
  if (value.is_null()) return translated(QT_TRANSLATE_NOOP("CheckWords", "not set"));
  if (value.is_string()) return QString::fromStdString(value.get<std::string>());
  return QString::fromStdString(value.dump());
}

void add_changes(const nlohmann::json& before, const nlohmann::json& patch, const QString& path, QStringList& out) {
  for (const auto& [key, value] : patch.items()) {
    const QString name = path + QString::fromStdString(key);
    const nlohmann::json old = before.is_object() && before.contains(key) ? before.at(key) : nlohmann::json();
    if (value.is_object()) {
      add_changes(old, value, name + QLatin1Char('.'), out);
    } else if (value != old) {
      // A whole data set is more than a line can hold.
      const QString was = old.is_object() ? translated(QT_TRANSLATE_NOOP("CheckWords", "set")) : text_of(old);
      out << QCoreApplication::translate("CheckWords", "%1: %2 to %3").arg(name, was, text_of(value));
    }
  }
}

}  // namespace

QString title_of(const PreflightCheck& check) {
  const Words* words = words_of(check.id);
  return words != nullptr ? translated(words->title) : QString::fromStdString(check.id);
}

QString meaning_of(const PreflightCheck& check) {
  const Words* words = words_of(check.id);
  return words != nullptr ? translated(words->meaning) : QString();
}

QString finding_of(const PreflightCheck& check) {
  // Large whole numbers that stand alone, not digits of a path or of a fraction.
  static const QRegularExpression number(QStringLiteral(
      "(?<![^ (\uff0c\uff08\uff1a])\\d{4,15}(?=[ ,):;\u3001\uff0c\uff1b\uff1a\uff08\uff09\u3002]|\\.?$|\\. )"));
  QString text = engine_text(check.message);
  QRegularExpressionMatch match = number.match(text);
  while (match.hasMatch()) {
    const QString grouped_number = grouped(match.captured().toLongLong());
    text.replace(match.capturedStart(), match.capturedLength(), grouped_number);
    match = number.match(text, match.capturedStart() + grouped_number.size());
  }
  // Settings are spelt as they are.
  const qsizetype word_end = text.indexOf(QLatin1Char(' '));
  if (!text.isEmpty() && !text.left(word_end).contains(QLatin1Char('_'))) text[0] = text[0].toUpper();
  return text;
}

QString word_of(CheckStatus status) {
  switch (status) {
    case CheckStatus::kPass:
      return translated(QT_TRANSLATE_NOOP("CheckWords", "Pass"));
    case CheckStatus::kWarn:
      return translated(QT_TRANSLATE_NOOP("CheckWords", "Warning"));
    case CheckStatus::kFail:
      return translated(QT_TRANSLATE_NOOP("CheckWords", "Fail"));
  }
  return {};
}

StateShape shape_of(CheckStatus status) {
  switch (status) {
    case CheckStatus::kPass:
      return StateShape::kCircle;
    case CheckStatus::kWarn:
      return StateShape::kTriangle;
    case CheckStatus::kFail:
      return StateShape::kOctagon;
  }
  return StateShape::kHollow;
}

QStringList changes_of(const RunConfig& config, const std::string& fix_changes) {
  QStringList out;
  if (!fix_changes.empty()) add_changes(config.to_json(), nlohmann::json::parse(fix_changes), {}, out);
  return out;
}

}  // namespace vernier::ui
