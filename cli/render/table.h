// Aligned tables that give up their least important columns before they give up their shape.
#pragma once

#include <string>
#include <vector>

#include "cli/render/style.h"

namespace heirloom::cli {

struct Cell {
  std::string text;
  Tone tone = Tone::plain;
};

struct Column {
  std::string title;
  bool right = false;  // numbers
  int drop_order = 0;  // 0: never dropped; of the others the highest goes first
};

// One line a row under a line of titles, each with a newline, none wider than the style's width.
// A column without any text is left out. When columns are too many they are dropped in their
// order; when those that must stay are still too wide, the widest are clipped.
std::string render_table(const std::vector<Column>& columns,
                         const std::vector<std::vector<Cell>>& rows, const Style& style);

// "name  value" lines, values wrapped beside their names.
struct Fact {
  std::string name;
  Cell value;
};
std::string render_facts(const std::vector<Fact>& facts, const Style& style);

}  // namespace heirloom::cli
