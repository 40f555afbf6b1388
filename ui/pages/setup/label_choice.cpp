#include "ui/pages/setup/label_choice.h"

#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QStandardItemModel>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/pages/describe.h"
#include "ui/pages/flow_layout.h"
#include "ui/style/text_width.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr int kMarkerChars = 22;

QString why_of(LabelChoice::Learn what) {
  switch (what) {
    case LabelChoice::kEverything:
      return LabelChoice::tr(
          "Every token is a target, the prompts too: right for plain texts. With questions and answers "
          "the model also learns to ask.");
    case LabelChoice::kCompletion:
      return LabelChoice::tr("Only what follows the prompt is a target (completion_only_loss).");
    case LabelChoice::kAssistant:
      return LabelChoice::tr(
          "Only what the assistant says is a target, in every one of its turns (assistant_only_loss).");
    case LabelChoice::kAssistantInCompletion:
      return LabelChoice::tr("Only the assistant's words in the completion are targets: both options together.");
  }
  return {};
}

}  // namespace

QString escaped(const QString& text) {
  QString out = text;
  return out.replace('\\', QLatin1String("\\\\"))
      .replace('\n', QLatin1String("\\n"))
      .replace('\t', QLatin1String("\\t"));
}

QString unescaped(const QString& text) {
  QString out;
  for (qsizetype i = 0; i < text.size(); ++i) {
    const QChar next = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : QChar();
    if (next == 'n' || next == 't' || next == '\\') {
      out += next == 'n' ? QChar('\n') : next == 't' ? QChar('\t') : QChar('\\');
      ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

LabelChoice::LabelChoice(DataSession& session, QWidget* parent)
    : QWidget(parent), data_(session), learn_(new QComboBox(this)), max_length_(new QSpinBox(this)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kSpaceSmall);
  auto* line = new QWidget(this);
  auto* flow = new FlowLayout(kSpaceLarge, kSpaceSmall, line);
  describe(learn_, "learn", tr("What is learnt"),
           tr("Tokens with a label are targets: the loss is counted on them. The others are only read."));
  learn_->addItem(tr("everything"), kEverything);
  learn_->addItem(tr("the completion only"), kCompletion);
  learn_->addItem(tr("the assistant's turns only"), kAssistant);
  learn_->addItem(tr("the assistant's words in the completion"), kAssistantInCompletion);
  add_captioned(*flow, tr("&Learn"), learn_);
  describe(max_length_, "maxLength", tr("Tokens that are kept of a row"),
           tr("Longer rows are cut at the end (max_length). Memory grows with it; what lies behind is never learnt."));
  max_length_->setRange(1, LabelRows::kMaxLength);
  max_length_->setSuffix(tr(" tokens"));
  max_length_->setKeyboardTracking(false);
  max_length_->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
  add_captioned(*flow, tr("&Keep at most"), max_length_);
  layout->addWidget(line);
  why_ = make_note({}, this);
  why_->setObjectName(QStringLiteral("learnWhy"));
  add_note(layout, why_);
  markers_ = make_markers();
  layout->addWidget(markers_);

  connect(learn_, &QComboBox::activated, this,
          [this](int index) { learn(data_.draft(), static_cast<Learn>(learn_->itemData(index).toInt())); });
  connect(max_length_, &QSpinBox::valueChanged, this, [this](int tokens) { set_max_length(data_.draft(), tokens); });
  connect(&data_.draft(), &RunDraft::changed, this, &LabelChoice::refresh);
  connect(&data_, &DataSession::readingChanged, this, &LabelChoice::refresh);
  refresh();
}

QWidget* LabelChoice::make_markers() {
  auto* box = new QWidget(this);
  new FlowLayout(kSpaceLarge, kSpaceSmall, box);
  markers_ = box;
  response_ =
      make_marker("responsePart", tr("Assistant speaks &behind"),
                  tr("The text in front of each answer (response_part), where the chat template does not show the "
                     "turns: \"### Response:\\n\". Empty: the template shows them."),
                  &RunConfig::response_part);
  instruction_ = make_marker("instructionPart", tr("up to the &next"),
                             tr("The text in front of the user's next turn (instruction_part), such as "
                                "\"### Instruction:\\n\"."),
                             &RunConfig::instruction_part);
  return box;
}

QLineEdit* LabelChoice::make_marker(const char* name, const QString& label, const QString& help,
                                    std::string RunConfig::*member) {
  auto* edit = new QLineEdit(markers_);
  describe(edit, name, without_mnemonic(label), help);
  edit->setPlaceholderText(tr("as the template shows"));
  // Room for the hint too, with what the field puts around its text.
  edit->setMinimumWidth(std::max(character_width(fontMetrics()) * kMarkerChars,
                                 fontMetrics().horizontalAdvance(edit->placeholderText()) + 2 * kSpaceMedium));
  add_captioned(*markers_->layout(), label, edit);
  connect(edit, &QLineEdit::editingFinished, this, [this, edit, member] {
    const std::string text = unescaped(edit->text()).toStdString();
    data_.draft().edit(tr("change the markers of the turns"), [&](RunConfig& config) { config.*member = text; });
  });
  return edit;
}

void LabelChoice::learn(RunDraft& draft, Learn what) {
  draft.edit(tr("change what is learnt"), [what](RunConfig& config) {
    config.completion_only_loss = what == kCompletion || what == kAssistantInCompletion;
    config.assistant_only_loss = what == kAssistant || what == kAssistantInCompletion;
    // Markers without it are refused.
    if (!config.assistant_only_loss) config.response_part = config.instruction_part = {};
  });
}

LabelChoice::Learn LabelChoice::learnt(const RunConfig& config) {
  if (config.assistant_only_loss) return config.completion_only_loss ? kAssistantInCompletion : kAssistant;
  return config.completion_only_loss ? kCompletion : kEverything;
}

void LabelChoice::set_max_length(RunDraft& draft, int tokens) {
  draft.edit(
      tr("change max_length"), [tokens](RunConfig& config) { config.max_length = tokens; },
      QStringLiteral("max_length"));
}

void LabelChoice::enable(int item, bool on, const QString& why_not) {
  auto* model = qobject_cast<QStandardItemModel*>(learn_->model());
  if (model == nullptr) return;
  model->item(item)->setEnabled(on);
  model->item(item)->setToolTip(on ? why_of(static_cast<Learn>(item)) : why_not);
}

void LabelChoice::refresh() {
  const RunConfig& config = data_.config();
  const QSignalBlocker quiet_learn(learn_), quiet_length(max_length_);
  const Learn now = learnt(config);
  learn_->setCurrentIndex(now);
  why_->setText(why_of(now));
  max_length_->setValue(static_cast<int>(std::clamp<std::int64_t>(config.max_length, 1, LabelRows::kMaxLength)));
  markers_->setVisible(config.assistant_only_loss);
  const auto show = [](QLineEdit* edit, const std::string& text) {
    if (!edit->hasFocus()) edit->setText(escaped(QString::fromStdString(text)));
  };
  show(instruction_, config.instruction_part);
  show(response_, config.response_part);
  const std::string format = data_.reading() ? data_.reading()->format : std::string();
  const bool completions = format.empty() || has_completions(format);
  // A text with markers in it is a conversation, too.
  const bool turns = format.empty() || has_turns(format) || format == "text";
  enable(kEverything, true, {});
  enable(kCompletion, completions, tr("Rows of this format do not tell a prompt from its completion."));
  enable(kAssistant, turns, tr("Rows of this format have no turns of an assistant."));
  enable(kAssistantInCompletion, completions && turns, tr("Rows of this format do not have both."));
}

}  // namespace vernier::ui
