#include "ui/pages/setup/template_choice.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include "ui/pages/describe.h"
#include "ui/pages/setup/draft_field.h"
#include "ui/session/settings.h"
#include "ui/style/theme.h"
#include "vernier/template.h"

namespace vernier::ui {

TemplateChoice::TemplateChoice(DataSession& session, QWidget* parent)
    : QWidget(parent), data_(session), box_(new QComboBox(this)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kSpaceSmall);
  auto* row = new QHBoxLayout;
  row->setSpacing(kSpaceSmall);
  auto* label = new QLabel(tr("Chat &template"), this);
  label->setBuddy(box_);
  put_in_label_column(label);
  describe(box_, "chatTemplate", tr("Chat template"),
           tr("Writes turns as the model expects them, special tokens and all (chat_template). A model that was tuned "
              "with one needs the same one again."));
  row->addWidget(label);
  row->addWidget(box_);
  auto* browse = new QPushButton(tr("Jinja file\u2026"), this);
  describe(browse, "chatTemplateFile", tr("Take a Jinja file as chat template"),
           tr("A file with a template in the language that Transformers uses."));
  connect(browse, &QPushButton::clicked, this, &TemplateChoice::browse);
  row->addWidget(browse);
  row->addStretch(1);
  layout->addLayout(row);
  note_ = make_note({}, this);
  note_->setObjectName(QStringLiteral("chatTemplateNote"));
  add_note(layout, note_);
  connect(box_, &QComboBox::activated, this, &TemplateChoice::choose);
  connect(&data_.draft(), &RunDraft::changed, this, &TemplateChoice::refresh);
  connect(&data_, &DataSession::inspectorChanged, this, &TemplateChoice::refresh);
  refresh();
}

void TemplateChoice::choose(int index) {
  const std::string choice = box_->itemData(index).toString().toStdString();
  data_.draft().edit(tr("change the chat template"), [&](RunConfig& config) { config.chat_template = choice; });
}

void TemplateChoice::browse() {
  Settings settings;
  const QString begin = settings.folder_around(QString::fromStdString(data_.config().chat_template));
  const QString path = QFileDialog::getOpenFileName(this, tr("Chat template"), begin,
                                                    tr("Jinja templates (*.jinja *.j2 *.txt);;All files (*)"));
  if (path.isEmpty()) return;
  settings.set_last_folder(QFileInfo(path).absolutePath());
  data_.draft().edit(tr("change the chat template"),
                     [&](RunConfig& config) { config.chat_template = path.toStdString(); });
}

void TemplateChoice::refresh() {
  const QString chosen = QString::fromStdString(data_.config().chat_template);
  const bool is_known = data_.inspector_stage() == Stage::kReady || data_.inspector_stage() == Stage::kFailed;
  const bool has_own = data_.model_has_template();
  const QSignalBlocker quiet(box_);
  box_->clear();
  box_->addItem(is_known && !has_own ? tr("none: laid out in Alpaca's way") : tr("the model's own"), QString());
  for (const BuiltInTemplate& one : built_in_templates()) {
    box_->addItem(QString::fromUtf8(one.title.data(), static_cast<qsizetype>(one.title.size())),
                  QString::fromUtf8(one.id.data(), static_cast<qsizetype>(one.id.size())));
  }
  int at = box_->findData(chosen);
  if (at < 0) {
    box_->addItem(QFileInfo(chosen).fileName(), chosen);
    at = box_->count() - 1;
  }
  box_->setCurrentIndex(at);
  if (!chosen.isEmpty() && has_own) {
    note_->setText(
        tr("The model has a template of its own, which is not used now. Another one teaches it a new way to "
           "mark turns."));
  } else if (is_known && !has_own && chosen.isEmpty()) {
    note_->setText(
        tr("The model has no chat template. Choose the one it was made for, or ChatML where it is a base "
           "model whose tokenizer knows its marks."));
  } else {
    note_->clear();
  }
  note_->setVisible(!note_->text().isEmpty());
}

}  // namespace vernier::ui
