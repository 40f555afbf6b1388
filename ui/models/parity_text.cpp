#include "ui/models/parity_text.h"

#include <QCoreApplication>
#include <QStringList>
#include <cmath>

#include "ui/style/paint.h"
#include "ui/widgets/engine_text.h"

namespace vernier::ui {
namespace {

class Words {
  Q_DECLARE_TR_FUNCTIONS(ParityText)
};

QString word_of(ParityVerdict verdict) {
  return engine_text(to_string(verdict));
}

QString row_of(const QStringList& cells) {
  return QStringLiteral("| ") + cells.join(QStringLiteral(" | ")) + QStringLiteral(" |\n");
}

QString table_of_paths(const ParityReport& report) {
  QString text = row_of({Words::tr("path"), Words::tr("verdict"), Words::tr("loss"), Words::tr("loss difference"),
                         Words::tr("mean |\u0394 logit|"), Words::tr("max |\u0394 logit|"), Words::tr("same arg-max"),
                         Words::tr("KL, nats"), Words::tr("top arg-max"), Words::tr("deviation")}) +
                 QStringLiteral("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|\n");
  text += row_of({Words::tr("reference"), QString(), figure(report.reference_loss_per_token, 6), QString(), QString(),
                  QString(), QString(), QString(), percent(report.reference_top_argmax_share), QString()});
  for (const ParityPathReport& path : report.paths) {
    text += row_of({QString::fromStdString(to_string(path.path)), word_of(path.verdict), figure(path.loss_per_token, 6),
                    figure(path.loss_difference, 3), figure(path.mean_abs_logit_difference, 3),
                    figure(path.max_abs_logit_difference, 3), percent(path.argmax_agreement), figure(path.mean_kl, 3),
                    percent(path.top_argmax_share),
                    report.thresholds.differs > 0.0 ? figure(path.deviation, 3) : QString()});
  }
  return text;
}

QString causes_of(const ParityReport& report) {
  QString text;
  for (const ParityPathReport& path : report.paths) {
    if (path.likely_causes.empty()) continue;
    text +=
        QStringLiteral("\n") +
        Words::tr("Likely causes on the %1 path, likeliest first:").arg(QString::fromStdString(to_string(path.path))) +
        QStringLiteral("\n\n");
    for (std::size_t i = 0; i < path.likely_causes.size(); ++i) {
      text += QStringLiteral("%1. %2\n").arg(i + 1).arg(engine_text(path.likely_causes[i]));
      if (i >= path.evidence.size()) continue;
      text += QStringLiteral("   ") + Words::tr("Evidence: %1").arg(engine_text(path.evidence[i])) + '\n';
    }
    if (path.state_deviations.empty()) continue;
    QStringList states;
    for (const double deviation : path.state_deviations) states << figure(deviation, 3);
    text += QStringLiteral("\n") +
            Words::tr(
                "Worst token's deviation of each hidden state, from the embeddings to the final norm (rounding stays "
                "below %1): %2.")
                .arg(figure(report.thresholds.state_differs, 2), states.join(QStringLiteral(", "))) +
            QStringLiteral("\n");
  }
  return text;
}

}  // namespace

QString parity_markdown(const std::vector<ParityReport>& reports, std::size_t shown, const QString& run_name) {
  if (shown >= reports.size()) return {};
  const ParityReport& report = reports[shown];
  QString text = QStringLiteral("# %1\n\n").arg(Words::tr("Train / eval parity of %1").arg(run_name));
  text += QStringLiteral("**%1**: %2\n\n").arg(word_of(report.verdict), engine_text(report.summary));
  text += Words::tr("Step %1, %2 tokens, checked in %3 ms.")
              .arg(report.step)
              .arg(report.num_tokens)
              .arg(figure(report.milliseconds, 3));
  if (report.thresholds.differs > 0.0) {
    text += ' ' + Words::tr("A path agrees up to a deviation of %1 and differs above %2.")
                      .arg(figure(report.thresholds.agrees, 2), figure(report.thresholds.differs, 2));
  }
  text += QStringLiteral("\n\n") + table_of_paths(report) + causes_of(report);
  if (reports.size() < 2) return text;
  text += QStringLiteral("\n## %1\n\n").arg(Words::tr("All checks")) +
          row_of({Words::tr("step"), Words::tr("verdict"), Words::tr("what was found")}) +
          QStringLiteral("|---:|---|---|\n");
  for (const ParityReport& one : reports) {
    QString summary = engine_text(one.summary);
    summary.replace('|', QLatin1String("\\|")).replace('\n', ' ');
    text += row_of({QString::number(one.step), word_of(one.verdict), summary});
  }
  return text;
}

QString parity_csv(const std::vector<ParityReport>& reports) {
  QString text = QStringLiteral(
      "step,path,verdict,num_tokens,reference_loss_per_token,loss_per_token,loss_difference,mean_abs_logit_difference,"
      "max_abs_logit_difference,argmax_agreement,mean_kl,top_argmax_share,reference_top_argmax_share,deviation,"
      "agrees_up_to,differs_above\n");
  const auto number = [](double value) { return std::isnan(value) ? QString() : QString::number(value, 'g', 9); };
  for (const ParityReport& report : reports) {
    const bool tells = report.thresholds.differs > 0.0;
    for (const ParityPathReport& path : report.paths) {
      const QStringList cells = {QString::number(report.step),
                                 QString::fromStdString(to_string(path.path)),
                                 QString::fromStdString(to_string(path.verdict)),
                                 QString::number(report.num_tokens),
                                 number(report.reference_loss_per_token),
                                 number(path.loss_per_token),
                                 number(path.loss_difference),
                                 number(path.mean_abs_logit_difference),
                                 number(path.max_abs_logit_difference),
                                 number(path.argmax_agreement),
                                 number(path.mean_kl),
                                 number(path.top_argmax_share),
                                 number(report.reference_top_argmax_share),
                                 tells ? number(path.deviation) : QString(),
                                 tells ? number(report.thresholds.agrees) : QString(),
                                 tells ? number(report.thresholds.differs) : QString()};
      text += cells.join(',') + '\n';
    }
  }
  return text;
}

}  // namespace vernier::ui
