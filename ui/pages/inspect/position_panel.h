// One token, close up: what the model expected instead, and how sure it was.
#pragma once

#include <QLabel>
#include <QTableWidget>
#include <QWidget>
#include <optional>

#include "ui/style/paint.h"
#include "vernier/inspect.h"
#include "vernier/run_store.h"

namespace vernier::ui {

class PositionPanel : public QWidget {
  Q_OBJECT

 public:
  explicit PositionPanel(QWidget* parent = nullptr);

  // What the run store knows of the token (nothing: no token is selected) and what the capture knows of the
  // distribution that predicted it (nothing: it was not captured).
  void show_token(const std::optional<TokenRecord>& token, const std::optional<PositionView>& view,
                  const PieceLookup& pieces);

 private:
  QLabel* token_ = nullptr;
  QLabel* loss_ = nullptr;
  QLabel* rank_ = nullptr;
  QLabel* entropy_ = nullptr;
  QLabel* argmax_ = nullptr;
  QLabel* note_ = nullptr;
  QTableWidget* top_ = nullptr;
};

}  // namespace vernier::ui
