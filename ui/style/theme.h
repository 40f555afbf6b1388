// Light, dark, and every size and colour that the window uses. No literal colour stands outside this folder.
#pragma once

#include <QFont>
#include <QLabel>
#include <QPalette>
#include <QString>

namespace vernier::ui {

// Device-independent pixels.
inline constexpr int kSpaceTiny = 4;
inline constexpr int kSpaceSmall = 8;
inline constexpr int kSpaceMedium = 12;
inline constexpr int kSpaceLarge = 16;
inline constexpr int kSpaceHuge = 24;

enum class Theme { kSystem, kLight, kDark };
QString to_string(Theme theme);
Theme theme_from_string(const QString& name);

// Sets the application's style and palette. kSystem follows the desktop's palette.
void apply_theme(Theme theme);
// The application's font at `percent` of the size it started with.
void apply_zoom(int percent);

// 1.3 times the size of `base`, the same weight.
QFont heading_font(const QFont& base);
// The same font with digits of one width.
QFont tabular_font(const QFont& base);

// Labels that follow the theme when it changes.
QLabel* make_heading(const QString& text, QWidget* parent = nullptr);
// Secondary colour; wrapped where `wrap`, no line of it longer than 120 characters.
QLabel* make_note(const QString& text, QWidget* parent = nullptr, bool wrap = true);

}  // namespace vernier::ui
