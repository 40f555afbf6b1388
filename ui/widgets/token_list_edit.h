// A line for several tokens, each completed from the vocabulary.
#pragma once

#include <QCompleter>
#include <QLineEdit>
#include <QStringList>
#include <QStringListModel>
#include <functional>

namespace vernier::ui {

// GUI thread only.
class TokenListEdit : public QLineEdit {
  Q_OBJECT

 public:
  explicit TokenListEdit(QWidget* parent = nullptr);

  // shown: the vocabulary by id, as a list offers it. name: what is written for a token that was chosen.
  void setVocabulary(const QStringList& shown, std::function<QString(int id)> name);

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  // The word that the cursor stands in: where it begins, and how long it is.
  std::pair<int, int> word() const;
  void offer();
  void take(const QModelIndex& index);

  QStringListModel* names_ = nullptr;
  QCompleter* completer_ = nullptr;
  std::function<QString(int id)> name_;
};

}  // namespace vernier::ui
