#include "ui/models/answer.h"

#include <algorithm>
#include <cmath>

namespace vernier::ui {

QString Answer::text() const {
  QString all;
  for (const AnswerToken& token : tokens) all += token.text;
  return all;
}

double Answer::mean_kl() const {
  double sum = 0.0;
  qint64 count = 0;
  for (const AnswerToken& token : tokens) {
    if (std::isnan(token.kl)) continue;
    sum += token.kl;
    ++count;
  }
  return count > 0 ? sum / static_cast<double>(count) : kUnknown;
}

double Answer::largest_kl() const {
  double largest = kUnknown;
  for (const AnswerToken& token : tokens) largest = std::fmax(largest, token.kl);
  return largest;
}

double Answer::loss(bool of_base) const {
  if (tokens.empty()) return kUnknown;
  double sum = 0.0;
  for (const AnswerToken& token : tokens) sum -= std::log(of_base ? token.base : token.tuned);
  return sum / static_cast<double>(tokens.size());
}

}  // namespace vernier::ui
