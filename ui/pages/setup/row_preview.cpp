#include "ui/pages/setup/row_preview.h"

#include <QTextBlockFormat>
#include <QTextCursor>
#include <exception>

#include "ui/pages/describe.h"
#include "ui/style/color_maps.h"
#include "ui/style/paint.h"
#include "ui/style/theme.h"
#include "ui/widgets/engine_text.h"

namespace vernier::ui {
namespace {

// So much of a text is worth reading here.
constexpr qsizetype kMostCharacters = 20000;

QString role_name(const std::string& role) {
  if (role == "system") return RowPreview::tr("System");
  if (role == "user") return RowPreview::tr("User");
  if (role == "assistant") return RowPreview::tr("Assistant");
  if (role == "tool") return RowPreview::tr("Tool");
  if (role == "prompt") return RowPreview::tr("Prompt");
  if (role == "completion") return RowPreview::tr("Completion");
  if (role == "text") return RowPreview::tr("Text");
  if (role == "tokens") return RowPreview::tr("Token ids");
  return QString::fromStdString(role);
}

bool is_answer(const std::string& role) {
  return role == "assistant" || role == "completion";
}

QString shortened(const QString& text) {
  if (text.size() <= kMostCharacters) return text;
  return RowPreview::tr("%1\u2026\n(%2 more characters)")
      .arg(text.left(kMostCharacters), grouped(text.size() - kMostCharacters));
}

}  // namespace

RowPreview::RowPreview(DataSession& session, QWidget* parent)
    : QTabWidget(parent), data_(session), turns_(new QTextBrowser(this)), text_(new QPlainTextEdit(this)) {
  describe(this, "rowPreview", tr("The chosen row"),
           tr("The row that is chosen in the table, as it is understood with the columns chosen above."));
  setDocumentMode(true);
  describe(turns_, "rowTurns", tr("Who says what in the row"),
           tr("The row's parts as they are understood: check that each stands under the right name."));
  turns_->setFrameShape(QFrame::NoFrame);
  turns_->setOpenLinks(false);
  describe(text_, "rowText", tr("The text that the model reads"),
           tr("The row as the chat template lays it out, with the special tokens that it writes."));
  text_->setFrameShape(QFrame::NoFrame);
  text_->setReadOnly(true);
  text_->setTabChangesFocus(true);
  addTab(turns_, tr("Turns"));
  addTab(text_, tr("As the model reads it"));
  connect(&data_, &DataSession::readingChanged, this, &RowPreview::refresh);
  connect(&data_, &DataSession::inspectorChanged, this, &RowPreview::refresh);
  connect(&data_, &DataSession::textsRead, this,
          [this](qint64 sample_row, const QStringList& texts, const QString& problem) {
            if (sample_row != row_) return;
            text_->setPlainText(problem.isEmpty() ? shortened(texts.join(QStringLiteral("\n\n"))) : problem);
          });
  refresh();
}

void RowPreview::show_row(qint64 row) {
  if (row == row_) return;
  row_ = row;
  refresh();
}

void RowPreview::refresh() {
  show_turns();
  const bool has_row = data_.sample() && row_ >= 0 && row_ < data_.sample()->size();
  if (!has_row) {
    text_->clear();
  } else if (data_.inspector() == nullptr) {
    text_->setPlainText(data_.inspector_stage() == Stage::kWorking
                            ? tr("Reading the model's tokenizer\u2026")
                            : tr("Choose a model first: its chat template says how the row is laid out."));
  } else {
    data_.ask_texts(row_);
  }
}

void RowPreview::show_turns() {
  turns_->clear();
  const std::optional<DataSample>& sample = data_.sample();
  if (!sample || row_ < 0 || row_ >= sample->size()) {
    turns_->setPlainText(tr("Choose a row in the table."));
    return;
  }
  std::vector<SampleExample> examples;
  try {
    examples = sample->examples(row_, data_.config().dataset);
  } catch (const std::exception& error) {
    turns_->setPlainText(engine_text(error.what()));
    return;
  }
  QTextCursor cursor(turns_->document());
  cursor.beginEditBlock();
  const auto block = [&](double above, double indent) {
    QTextBlockFormat format;
    format.setTopMargin(above);
    format.setLeftMargin(indent);
    if (cursor.position() == 0) {
      cursor.setBlockFormat(format);
    } else {
      cursor.insertBlock(format);
    }
  };
  QTextCharFormat plain, quiet, answer;
  plain.setForeground(palette().color(QPalette::Text));
  quiet.setForeground(secondary_text(palette()));
  answer.setForeground(legible(per_token_color(), palette().color(QPalette::Base)));
  for (std::size_t i = 0; i < examples.size(); ++i) {
    if (examples.size() > 1) {
      block(i == 0 ? 0 : kSpaceLarge, 0);
      cursor.insertText(tr("Example %1 of %2 in this row").arg(i + 1).arg(examples.size()), quiet);
    }
    for (const SampleTurn& turn : examples[i]) {
      block(kSpaceSmall, 0);
      cursor.insertText(role_name(turn.role), is_answer(turn.role) ? answer : quiet);
      block(0, kSpaceMedium);
      cursor.insertText(turn.text.empty() ? tr("(empty)") : shortened(QString::fromStdString(turn.text)),
                        turn.text.empty() ? quiet : plain);
    }
  }
  cursor.endEditBlock();
  turns_->moveCursor(QTextCursor::Start);
}

}  // namespace vernier::ui
