#include "ui/pages/setup/column_mapping.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>
#include <string>
#include <vector>

#include "ui/pages/describe.h"
#include "ui/pages/flow_layout.h"
#include "ui/pages/setup/draft_field.h"
#include "ui/pages/tab_order.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

QString column_help(const std::string& name) {
  if (name == "messages") return ColumnMapping::tr("The list of turns: role and content, or from and value.");
  if (name == "system") return ColumnMapping::tr("What the system says in front of the turns.");
  if (name == "tools") return ColumnMapping::tr("Descriptions of tools, for templates that write them.");
  if (name == "instruction") return ColumnMapping::tr("What is asked for: the user's turn.");
  if (name == "input") return ColumnMapping::tr("What the instruction speaks of; added to the user's turn.");
  if (name == "output") return ColumnMapping::tr("The answer that is learnt.");
  if (name == "history") return ColumnMapping::tr("Earlier turns as pairs of instruction and output.");
  if (name == "instances") return ColumnMapping::tr("Several pairs of input and output to one instruction.");
  if (name == "question") return ColumnMapping::tr("The user's turn.");
  if (name == "answer") return ColumnMapping::tr("The assistant's turn, which is learnt.");
  if (name == "prompt") return ColumnMapping::tr("What the model is given.");
  if (name == "completion") return ColumnMapping::tr("What it learns to go on with.");
  if (name == "text") return ColumnMapping::tr("A text that is learnt whole.");
  if (name == "input_ids") return ColumnMapping::tr("Token ids of this very tokenizer.");
  if (name == "labels") return ColumnMapping::tr("A label for each token, -100 for those not learnt.");
  return {};
}

}  // namespace

QString format_name(const QString& format) {
  if (format == QLatin1String("messages")) return ColumnMapping::tr("Conversations (messages)");
  if (format == QLatin1String("sharegpt")) return ColumnMapping::tr("Conversations (sharegpt)");
  if (format == QLatin1String("alpaca")) return ColumnMapping::tr("Instructions (alpaca)");
  if (format == QLatin1String("question_answer")) return ColumnMapping::tr("Questions and answers (question_answer)");
  if (format == QLatin1String("prompt_completion")) return ColumnMapping::tr("Prompts (prompt_completion)");
  if (format == QLatin1String("oasst")) return ColumnMapping::tr("Trees of messages (oasst)");
  if (format == QLatin1String("text")) return ColumnMapping::tr("Plain texts (text)");
  if (format == QLatin1String("tokens")) return ColumnMapping::tr("Token ids (tokens)");
  return format;
}

ColumnMapping::ColumnMapping(DataSession& session, QWidget* parent)
    : QWidget(parent), data_(session), format_(new QComboBox(this)), columns_(new QWidget(this)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kSpaceSmall);
  auto* row = new QHBoxLayout;
  auto* label = new QLabel(tr("For&mat"), this);
  label->setBuddy(format_);
  put_in_label_column(label);
  describe(format_, "dataFormat", tr("Format of the rows"),
           tr("What a row means. Left alone, it is recognised from the first row (dataset.format \"auto\")."));
  format_->setSizeAdjustPolicy(QComboBox::AdjustToContents);  // what was recognised is longer than the first entry was
  row->addWidget(label);
  row->addWidget(format_);
  row->addStretch(1);
  layout->addLayout(row);
  new FlowLayout(kSpaceLarge, kSpaceSmall, columns_);
  layout->addWidget(columns_);
  connect(format_, &QComboBox::activated, this, &ColumnMapping::choose_format);
  connect(&data_, &DataSession::sampleChanged, this, &ColumnMapping::refresh);
  connect(&data_, &DataSession::readingChanged, this, &ColumnMapping::refresh);
  refresh();
}

void ColumnMapping::refresh() {
  const std::optional<SampleReading>& reading = data_.reading();
  const QString found = reading ? QString::fromStdString(reading->format) : QString();
  const QString wanted = QString::fromStdString(data_.config().dataset.format);
  QStringList keys;
  QString made_for = found + QChar(0) + wanted;
  if (data_.sample()) {
    for (const std::string& key : data_.sample()->columns()) keys << QString::fromStdString(key);
  }
  made_for += keys.join(QChar(1));
  if (reading) {
    for (const SampleColumn& column : reading->columns) {
      made_for += QChar(2) + QString::fromStdString(column.name) + QChar(3) + QString::fromStdString(column.key) +
                  (column.mapped ? QChar('m') : QChar('-'));
    }
  }
  // While rows are read anew the boxes stay, and with them the keyboard.
  if (!reading && data_.sample_stage() != Stage::kNone && data_.sample_stage() != Stage::kFailed) return;
  if (made_for == shown_) return;
  shown_ = made_for;

  const QSignalBlocker quiet(format_);
  format_->clear();
  format_->addItem(found.isEmpty() || (reading && reading->chosen) ? tr("Recognise it (auto)")
                                                                   : tr("Recognised: %1").arg(format_name(found)),
                   QStringLiteral("auto"));
  for (const std::string& format : data_formats()) {
    format_->addItem(format_name(QString::fromStdString(format)), QString::fromStdString(format));
  }
  format_->setCurrentIndex(std::max(0, format_->findData(wanted)));

  QString focused;
  for (QComboBox* box : columns_->findChildren<QComboBox*>()) {
    if (box->hasFocus()) focused = box->objectName();
  }
  while (QLayoutItem* item = columns_->layout()->takeAt(0)) {
    if (item->widget() != nullptr) {
      item->widget()->hide();
      item->widget()->deleteLater();
    }
    delete item;
  }
  const bool is_table = data_.sample() && !data_.sample()->is_plain_text();
  if (reading && is_table) {
    for (const SampleColumn& column : reading->columns) add_column(column, keys);
    // Nothing was recognised: what a mapping could begin with.
    if (reading->columns.empty()) {
      const auto& mapped = data_.config().dataset.columns;
      std::vector<std::string> names = {"messages",   "question",    "answer", "prompt",
                                        "completion", "instruction", "output", "text"};
      for (const auto& [name, key] : mapped) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
      }
      for (const std::string& name : names) {
        const auto found_at = mapped.find(name);
        const bool is_mapped = found_at != mapped.end();
        add_column({name, is_mapped ? found_at->second : std::string(), false, is_mapped}, keys);
      }
    }
  }
  for (QComboBox* box : columns_->findChildren<QComboBox*>()) {
    if (!box->isHidden() && box->objectName() == focused) box->setFocus();
  }
  order_tabs(format_, tab_stops(columns_));
  columns_->setVisible(columns_->layout()->count() > 0);
}

void ColumnMapping::add_column(const SampleColumn& column, const QStringList& keys) {
  const QString name = QString::fromStdString(column.name), key = QString::fromStdString(column.key);
  auto* pair = new QWidget(columns_);
  auto* row = new QHBoxLayout(pair);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kSpaceSmall);
  auto* label = new QLabel(column.required ? tr("%1 (needed)").arg(name) : name, pair);
  auto* box = new QComboBox(pair);
  describe(box, "", tr("Column for %1").arg(name), column_help(column.name));
  box->setObjectName(QStringLiteral("column_") + name);
  label->setBuddy(box);
  box->addItem(column.mapped || key.isEmpty() ? tr("its own name") : tr("found: %1").arg(key), QString());
  for (const QString& one : keys) box->addItem(one, one);
  if (key.isEmpty() && !column.mapped) box->setItemText(0, tr("none"));
  if (column.mapped) {
    int at = box->findData(key);
    if (at < 0) {
      box->addItem(tr("%1 (not in the file)").arg(key), key);
      at = box->count() - 1;
    }
    box->setCurrentIndex(at);
  }
  row->addWidget(label);
  row->addWidget(box);
  columns_->layout()->addWidget(pair);
  connect(box, &QComboBox::activated, this,
          [this, box, name](int index) { choose_column(name, box->itemData(index).toString()); });
}

void ColumnMapping::change(const QString& what, const std::function<void(DatasetOptions&)>& change) {
  data_.draft().edit(what, [&](RunConfig& config) {
    // A file to evaluate on that was read in the same way stays so.
    const bool alike = config.eval_dataset && config.eval_dataset->format == config.dataset.format &&
                       config.eval_dataset->columns == config.dataset.columns;
    change(config.dataset);
    if (!alike) return;
    config.eval_dataset->format = config.dataset.format;
    config.eval_dataset->columns = config.dataset.columns;
  });
}

void ColumnMapping::choose_format(int index) {
  const std::string format = format_->itemData(index).toString().toStdString();
  change(tr("change the data's format"), [&](DatasetOptions& dataset) { dataset.format = format; });
}

void ColumnMapping::choose_column(const QString& name, const QString& key) {
  change(tr("change the column for %1").arg(name), [&](DatasetOptions& dataset) {
    if (key.isEmpty()) {
      dataset.columns.erase(name.toStdString());
    } else {
      dataset.columns[name.toStdString()] = key.toStdString();
    }
  });
}

}  // namespace vernier::ui
