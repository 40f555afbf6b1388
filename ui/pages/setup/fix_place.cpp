#include "ui/pages/setup/fix_place.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <algorithm>
#include <initializer_list>

#include "ui/pages/setup/check_words.h"

namespace vernier::ui {
namespace {

using Kind = FixPlace::Kind;

struct Words {
  Q_DECLARE_TR_FUNCTIONS(FixPlace)
};

FixPlace control(const QString& target, const QString& label, const QString& tool_tip) {
  return {Kind::kControl, target, label, tool_tip};
}

FixPlace model() {
  return control(QStringLiteral("model_name_or_pathControl"), Words::tr("Choose another model\u2026"),
                 Words::tr("Goes to the Model step, where the model's folder is chosen."));
}

FixPlace chat_template() {
  return control(QStringLiteral("chatTemplate"), Words::tr("Choose a template\u2026"),
                 Words::tr("Goes to the Data step, where the chat template is chosen."));
}

FixPlace setting(const QString& key) {
  return control(QString(key).replace(QLatin1Char('.'), QLatin1Char('_')) + QLatin1String("Control"),
                 Words::tr("Show the setting"), Words::tr("Goes to the setting that this is about."));
}

FixPlace rows(const char* which, const QString& label) {
  return {Kind::kRows, QLatin1String(which), label,
          Words::tr("Goes to the Labels step, where each row is read as the tokenizer cuts it.")};
}

FixPlace check_again() {
  return {
      Kind::kCheckAgain, {}, Words::tr("Check again"), Words::tr("Makes every check anew, once the cause is gone.")};
}

FixPlace data_file(const PreflightCheck& check, const RunConfig& config) {
  const bool is_evaluation =
      config.eval_dataset &&
      QString::fromStdString(check.message).contains(QString::fromStdString(config.eval_dataset->path));
  return control(is_evaluation ? QStringLiteral("eval_dataset_pathControl") : QStringLiteral("dataset_pathControl"),
                 Words::tr("Choose another file\u2026"), Words::tr("Goes to the Data step, where the file is chosen."));
}

// Of a run file that is refused: the key that the sentence begins with.
FixPlace refused_setting(const PreflightCheck& check) {
  static const QRegularExpression kKey(QStringLiteral("^\\[[^\\]]*\\] ([a-z0-9_.]+)"));
  const QString key = kKey.match(QString::fromStdString(check.message)).captured(1);
  return setting(key.isEmpty() ? QStringLiteral("learning_rate") : key);
}

}  // namespace

FixPlace fix_place(const PreflightCheck& check, const RunConfig& config) {
  if (check.status == CheckStatus::kPass || !changes_of(config, check.fix_changes).isEmpty()) return {};
  const QString id = QString::fromStdString(check.id);
  const QString these = Words::tr("Show these rows"), all = Words::tr("Show the rows");
  const auto is = [&](std::initializer_list<const char*> ids) {
    return std::any_of(ids.begin(), ids.end(), [&](const char* one) { return id == QLatin1String(one); });
  };
  if (is({"run_file"})) return refused_setting(check);
  if (is({"settings"})) return setting(QStringLiteral("quantization"));
  if (is({"model", "weights", "tokenizer"})) return model();
  if (is({"adapter"})) {
    return setting(config.adapter_name_or_path ? QStringLiteral("adapter_name_or_path") : QStringLiteral("lora.r"));
  }
  if (is({"data", "looks_like_csv"})) return data_file(check, config);
  if (is({"chat_template", "no_chat_template", "end_outside_generation", "generation_not_found",
          "tool_calls_not_rendered", "tools_not_rendered"})) {
    return chat_template();
  }
  if (is({"rows_without_labels"})) return rows("lost", these);
  if (is({"unclosed_turns"})) return rows("unclosed", these);
  if (is({"placeholders"})) return rows("placeholder", these);
  if (is({"special_tokens_in_content"})) return rows("special", these);
  if (is({"double_bos"})) return rows("bos", these);
  if (is({"labels", "gradient"})) return rows("all", all);
  if (is({"truncated"})) return setting(QStringLiteral("max_length"));
  if (is({"memory", "loading", "longest_batch"})) return setting(QStringLiteral("per_device_train_batch_size"));
  // What is no number at all comes of the weights, what is too much of the rows.
  if (is({"first_loss"})) return check.status == CheckStatus::kFail ? model() : rows("all", all);
  if (is({"disk"})) {
    return control(QStringLiteral("runName"), Words::tr("Choose another folder\u2026"),
                   Words::tr("Goes to the name of the run, where its folder can be put on another disk."));
  }
  return check_again();
}

}  // namespace vernier::ui
