#include "ui/pages/inspect/ask_markdown.h"

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>
#include <cmath>
#include <vector>

#include "ui/pages/inspect/answer_pane.h"
#include "ui/style/paint.h"

namespace vernier::ui {
namespace {

constexpr std::size_t kTokensListed = 5;

class Words {
  Q_DECLARE_TR_FUNCTIONS(AskMarkdown)
};

// A fence longer than any that the text holds.
QString fenced(const QString& text) {
  int longest = 2, run = 0;
  for (const QChar c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const QString fence(longest + 1, '`');
  return fence + QStringLiteral("text\n") + text + '\n' + fence;
}

// In a cell of a table.
QString cell(QString text) {
  text.replace('\\', QLatin1String("\\\\")).replace('|', QLatin1String("\\|")).replace('`', '\'');
  return '`' + text + '`';
}

QString sampling_line(const AskSampling& sampling) {
  if (sampling.temperature == 0.0) {
    return Words::tr("Sampling: temperature 0 (always the likeliest), max_new_tokens %1.").arg(sampling.max_new_tokens);
  }
  return Words::tr("Sampling: temperature %1, top_k %2, top_p %3, seed %4, max_new_tokens %5.")
      .arg(sampling.temperature)
      .arg(sampling.top_k)
      .arg(sampling.top_p)
      .arg(sampling.seed)
      .arg(sampling.max_new_tokens);
}

QString answer_block(const QString& title, const Answer& answer) {
  QString text = QStringLiteral("### %1\n\n%2\n\n").arg(title, fenced(answer.text()));
  QStringList figures;
  if (answer.generated > 0) {
    figures << Words::tr("%1 tokens/s").arg(figure(answer.tokens_per_second(), 3));
  }
  if (const double kl = answer.mean_kl(); !std::isnan(kl))
    figures << Words::tr("mean KL %1 nats a token").arg(figure(kl, 3));
  if (!figures.isEmpty()) text += figures.join(QStringLiteral(", ")) + QStringLiteral("\n\n");
  return text;
}

// The tokens that training made most of a difference to.
QString largest_table(const Answer& answer) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < answer.tokens.size(); ++i) {
    if (!std::isnan(answer.tokens[i].kl)) order.push_back(i);
  }
  if (order.empty()) return {};
  const std::size_t count = std::min(kTokensListed, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    [&](std::size_t a, std::size_t b) { return answer.tokens[a].kl > answer.tokens[b].kl; });
  QString text = Words::tr("Where the two part most along the answer after training:") + QStringLiteral("\n\n") +
                 Words::tr("| token | position | KL, nats | after | before |") +
                 QStringLiteral("\n|---|---:|---:|---:|---:|\n");
  for (std::size_t i = 0; i < count; ++i) {
    const AnswerToken& token = answer.tokens[order[i]];
    text += QStringLiteral("| %1 | %2 | %3 | %4 | %5 |\n")
                .arg(cell(visible_piece(token.piece, token.id)), QString::number(order[i] + 1), figure(token.kl, 3),
                     probability_text(token.tuned), probability_text(token.base));
  }
  return text;
}

}  // namespace

QString ask_markdown(const AskSession& session, const QString& run_name) {
  if (!session.asked() || !session.model()) return {};
  QString text = QStringLiteral("## %1\n\n").arg(Words::tr("Before and after: %1").arg(run_name));
  text +=
      Words::tr("Model `%1`, adapter `%2` as saved after step %3.")
          .arg(QString::fromStdString(session.model()->model_dir), QString::fromStdString(session.model()->adapter_dir))
          .arg(session.model()->adapter_step) +
      ' ' + sampling_line(session.sampling()) + QStringLiteral("\n\n");
  text += QStringLiteral("### %1\n\n").arg(Words::tr("Prompt, as the model sees it"));
  if (!session.prompt_seen().note.isEmpty()) text += session.prompt_seen().note + QStringLiteral("\n\n");
  text += fenced(session.prompt_seen().text) + QStringLiteral("\n\n");
  text += answer_block(Words::tr("Before training"), session.answer(AnswerSide::kBase));
  const Answer& tuned = session.answer(AnswerSide::kTuned);
  text += answer_block(Words::tr("After training, strength %1").arg(tuned.strength), tuned);
  if (!session.answer(AnswerSide::kRow).tokens.empty()) {
    text += answer_block(Words::tr("What the row says"), session.answer(AnswerSide::kRow));
  }
  return text + largest_table(tuned);
}

}  // namespace vernier::ui
