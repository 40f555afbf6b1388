#include "ui/widgets/token_list_edit.h"

#include <QAbstractItemView>
#include <QAbstractProxyModel>
#include <QKeyEvent>
#include <utility>

namespace vernier::ui {
namespace {

constexpr int kOffered = 12;

}  // namespace

TokenListEdit::TokenListEdit(QWidget* parent) : QLineEdit(parent) {
  names_ = new QStringListModel(this);
  completer_ = new QCompleter(names_, this);
  completer_->setWidget(this);
  completer_->setCaseSensitivity(Qt::CaseInsensitive);
  completer_->setFilterMode(Qt::MatchContains);
  completer_->setMaxVisibleItems(kOffered);
  completer_->popup()->setObjectName(QStringLiteral("tokenChoices"));
  completer_->popup()->setAccessibleName(tr("Tokens of the vocabulary"));
  completer_->popup()->setToolTip(tr("Tokens that hold what you typed. Return takes the chosen one."));
  connect(this, &QLineEdit::textEdited, this, &TokenListEdit::offer);
  connect(completer_, QOverload<const QModelIndex&>::of(&QCompleter::activated), this, &TokenListEdit::take);
}

void TokenListEdit::setVocabulary(const QStringList& shown, std::function<QString(int id)> name) {
  names_->setStringList(shown);
  name_ = std::move(name);
}

std::pair<int, int> TokenListEdit::word() const {
  const QString all = text();
  const auto at = static_cast<qsizetype>(cursorPosition());
  const auto begin = static_cast<int>(at == 0 ? 0 : all.lastIndexOf(' ', at - 1) + 1);
  const qsizetype blank = all.indexOf(' ', at);
  return {begin, static_cast<int>(blank < 0 ? all.size() : blank) - begin};
}

void TokenListEdit::offer() {
  const auto [begin, length] = word();
  const QString typed = text().mid(begin, length);
  bool is_number = false;
  typed.toLongLong(&is_number);
  if (typed.isEmpty() || is_number) {
    completer_->popup()->hide();
    return;
  }
  completer_->setCompletionPrefix(typed);
  completer_->complete();
}

void TokenListEdit::take(const QModelIndex& index) {
  const auto* proxy = qobject_cast<const QAbstractProxyModel*>(completer_->completionModel());
  const int id = proxy->mapToSource(index).row();
  const auto [begin, length] = word();
  QString all = text();
  const QString name = name_(id) + ' ';
  all.replace(begin, length, name);
  setText(all);
  setCursorPosition(begin + static_cast<int>(name.size()));
  Q_EMIT textEdited(all);
}

void TokenListEdit::keyPressEvent(QKeyEvent* event) {
  const bool is_offered = completer_->popup()->isVisible();
  // The list takes these while it is open.
  if (is_offered && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter ||
                     event->key() == Qt::Key_Escape || event->key() == Qt::Key_Tab)) {
    event->ignore();
    return;
  }
  QLineEdit::keyPressEvent(event);
}

}  // namespace vernier::ui
