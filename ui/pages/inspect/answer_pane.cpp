#include "ui/pages/inspect/answer_pane.h"

#include <QVBoxLayout>
#include <cmath>

#include "ui/style/paint.h"
#include "ui/style/sentences.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr int kShownAlternatives = 6;
constexpr int kLeastLines = 3;

const char* name_of(AnswerSide side) {
  switch (side) {
    case AnswerSide::kBase:
      return "answerBase";
    case AnswerSide::kTuned:
      return "answerTuned";
    case AnswerSide::kRow:
      break;
  }
  return "answerRow";
}

RibbonToken ribbon_token(const AnswerToken& token) {
  return {token.text, token.piece, token.is_special, token.is_chosen, token.kl};
}

// In a sentence; "" before it has ended.
QString ending_of(const Answer& answer) {
  switch (answer.ending) {
    case AnswerEnding::kNone:
      return {};
    case AnswerEnding::kByItself:
      return AnswerPane::tr("It ended its answer itself.");
    case AnswerEnding::kCut:
      return AnswerPane::tr("It was cut at max_new_tokens, %1.").arg(answer.cut_at);
    case AnswerEnding::kStopped:
      return AnswerPane::tr("You stopped it.");
    case AnswerEnding::kByUser:
      return AnswerPane::tr("You ended it.");
    case AnswerEnding::kInterrupted:
      return AnswerPane::tr("It was interrupted.");
  }
  return {};
}

// "64 tokens at 310 tokens/s. It ended its answer itself."
QString state_of(const Answer& answer, AnswerSide side) {
  QStringList sentences;
  if (side != AnswerSide::kRow && answer.generated > 0) {
    sentences << AnswerPane::tr("%n new tokens at %1 tokens/s.", nullptr, static_cast<int>(answer.generated))
                     .arg(figure(answer.tokens_per_second(), 3));
  }
  if (answer.ending != AnswerEnding::kNone) sentences << ending_of(answer);
  const double kl = answer.mean_kl();
  if (std::isnan(kl)) return in_a_row(sentences);
  sentences << AnswerPane::tr("Mean KL %1\u00a0nats a token.").arg(figure(kl, 3));
  const double after = answer.loss(false), before = answer.loss(true);
  if (!std::isnan(after) && !std::isnan(before)) {
    sentences << AnswerPane::tr("Loss along it: %1 before, %2 after.").arg(figure(before, 3), figure(after, 3));
  }
  return in_a_row(sentences);
}

}  // namespace

QString probability_text(double probability) {
  if (std::isnan(probability)) return {};
  if (probability >= 0.001) return percent(probability, probability >= 0.1 ? 1 : 2);
  if (!(probability >= 1e-12)) return AnswerPane::tr("never");
  return AnswerPane::tr("1 in %1").arg(probability >= 1e-6
                                           ? grouped(static_cast<qint64>(std::llround(1.0 / probability)))
                                           : figure(1.0 / probability, 3));
}

AnswerPane::AnswerPane(AnswerSide side, const QString& title, const QString& explanation, QWidget* parent)
    : QWidget(parent), side_(side), explanation_(explanation) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kSpaceTiny);
  title_ = new QLabel(title, this);
  column->addWidget(title_);
  ribbon_ = new TextRibbon(this);
  ribbon_->setObjectName(QLatin1String(name_of(side)));
  ribbon_->setAccessibleName(title);
  ribbon_->setToolTip(
      tr("Brighter tokens are those that training made most of a difference to. Click one to see what "
         "else might have stood there, and to go on from another word."));
  ribbon_->setMinimumHeight(fontMetrics().lineSpacing() * kLeastLines);
  ribbon_->setReadout([this](int index) { return readout(index); });
  ribbon_->clear(explanation_);
  column->addWidget(ribbon_, 1);
  state_ = make_note({}, this);
  state_->setObjectName(ribbon_->objectName() + QStringLiteral("State"));
  column->addWidget(state_);
}

void AnswerPane::set_title(const QString& title) {
  title_->setText(title);
  ribbon_->setAccessibleName(title);
}

void AnswerPane::show_answer(const Answer& answer, std::size_t first) {
  answer_ = &answer;
  state_->setText(state_of(answer, side_));
  if (answer.tokens.empty() && !answer.is_running) {
    ribbon_->clear(answer.ending == AnswerEnding::kNone ? explanation_ : ending_of(answer));
    return;
  }
  ribbon_->setGrowing(answer.is_running);
  std::vector<RibbonToken> tokens;
  for (std::size_t i = std::min(first, answer.tokens.size()); i < answer.tokens.size(); ++i) {
    tokens.push_back(ribbon_token(answer.tokens[i]));
  }
  ribbon_->setTokens(first, tokens);
}

QStringList AnswerPane::readout(int index) const {
  if (answer_ == nullptr || index >= static_cast<int>(answer_->tokens.size())) return {};
  const AnswerToken& token = answer_->tokens[static_cast<std::size_t>(index)];
  QStringList lines = {tr("\u201c%1\u201d, token %2").arg(visible_piece(token.piece, token.id), grouped(index + 1))};
  if (token.is_chosen) lines << tr("chosen by you");
  if (!std::isnan(token.tuned)) lines << tr("after training: %1").arg(probability_text(token.tuned));
  if (!std::isnan(token.base)) lines << tr("before training: %1").arg(probability_text(token.base));
  if (!std::isnan(token.kl)) {
    lines << tr("KL(after || before) %1 nats").arg(figure(token.kl, 3));
    lines << tr("entropy %1 after, %2 before").arg(figure(token.tuned_entropy, 3), figure(token.base_entropy, 3));
  }
  if (!token.alternatives.empty()) lines << QString() << tr("likeliest here:");
  for (std::size_t i = 0; i < token.alternatives.size() && i < kShownAlternatives; ++i) {
    const AnswerAlternative& other = token.alternatives[i];
    const QString piece = visible_piece(other.piece, other.id);
    if (std::isnan(other.tuned) || std::isnan(other.base)) {
      lines << tr("%1   %2").arg(piece, probability_text(std::isnan(other.tuned) ? other.base : other.tuned));
    } else {
      lines << tr("%1   %2, before %3").arg(piece, probability_text(other.tuned), probability_text(other.base));
    }
  }
  return lines;
}

}  // namespace vernier::ui
