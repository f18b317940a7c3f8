#include "cli/render/table.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "cli/render/text.h"

namespace heirloom::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 6;  // a clipped column keeps this much

using Rows = std::vector<std::vector<Cell>>;

std::size_t total_width(const std::vector<std::size_t>& shown,
                        const std::vector<std::size_t>& widths) {
  if (shown.empty()) return 0;
  return std::accumulate(shown.begin(), shown.end(), (shown.size() - 1) * kGap,
                         [&](std::size_t sum, std::size_t c) { return sum + widths[c]; });
}

std::vector<std::size_t> natural_widths(const std::vector<Column>& columns, const Rows& rows) {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    std::size_t width = display_width(columns[c].title);
    for (const auto& row : rows) {
      if (c < row.size()) width = std::max(width, display_width(row[c].text));
    }
    widths.push_back(width);
  }
  return widths;
}

std::vector<std::size_t> columns_with_text(const std::vector<Column>& columns, const Rows& rows) {
  std::vector<std::size_t> shown;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const bool any = std::any_of(rows.begin(), rows.end(), [c](const auto& row) {
      return c < row.size() && !row[c].text.empty();
    });
    if (any || rows.empty()) shown.push_back(c);
  }
  return shown;
}

void drop_columns(std::vector<std::size_t>& shown, const std::vector<Column>& columns,
                  const std::vector<std::size_t>& widths, std::size_t room) {
  while (total_width(shown, widths) > room) {
    const auto least =
        std::max_element(shown.begin(), shown.end(), [&](std::size_t a, std::size_t b) {
          return columns[a].drop_order < columns[b].drop_order;
        });
    if (least == shown.end() || columns[*least].drop_order == 0) return;
    shown.erase(least);
  }
}

// Takes a column at a time from the widest until the line fits.
void narrow_columns(const std::vector<std::size_t>& shown, std::vector<std::size_t>& widths,
                    std::size_t room) {
  while (total_width(shown, widths) > room) {
    const auto widest =
        std::max_element(shown.begin(), shown.end(),
                         [&](std::size_t a, std::size_t b) { return widths[a] < widths[b]; });
    if (widths[*widest] <= kNarrowest) return;
    --widths[*widest];
  }
}

// Painting comes after padding, since colours have no width.
std::string line_of(const std::vector<std::size_t>& shown, const std::vector<Column>& columns,
                    const std::vector<std::size_t>& widths, const std::vector<Cell>& cells,
                    const Style& style) {
  std::string line;
  std::string gap;
  std::size_t left = style.width;
  for (const std::size_t c : shown) {
    const Cell cell = c < cells.size() ? cells[c] : Cell{};
    const std::string clipped = clip(cell.text, std::min(widths[c], left), style);
    const std::string padded = pad(clipped, widths[c], columns[c].right);
    if (!clipped.empty()) {
      const std::size_t at = padded.find(clipped);
      line += gap + padded.substr(0, at) + paint(clipped, cell.tone, style);
      gap = padded.substr(at + clipped.size());
    } else {
      gap += padded;
    }
    gap += std::string(kGap, ' ');
    if (left != kUnlimitedWidth) left -= std::min(left, widths[c] + kGap);
  }
  return line + "\n";
}

}  // namespace

std::string render_table(const std::vector<Column>& columns, const Rows& raw, const Style& style) {
  Rows rows = raw;
  for (auto& row : rows) {
    for (Cell& cell : row) cell.text = printable(cell.text);
  }
  std::vector<std::size_t> widths = natural_widths(columns, rows);
  std::vector<std::size_t> shown = columns_with_text(columns, rows);
  if (style.width != kUnlimitedWidth) {
    drop_columns(shown, columns, widths, style.width);
    narrow_columns(shown, widths, style.width);
  }
  std::vector<Cell> titles;
  for (const Column& column : columns) titles.push_back({column.title, Tone::strong});
  std::string out = line_of(shown, columns, widths, titles, style);
  for (const auto& row : rows) out += line_of(shown, columns, widths, row, style);
  return out;
}

std::string render_facts(const std::vector<Fact>& facts, const Style& style) {
  std::size_t name_width = 0;
  for (const Fact& fact : facts) name_width = std::max(name_width, display_width(fact.name));
  const std::size_t indent = name_width + kGap;
  const std::size_t room = style.width == kUnlimitedWidth      ? kUnlimitedWidth
                           : style.width > indent + kNarrowest ? style.width - indent
                                                               : kNarrowest;
  std::string out;
  for (const Fact& fact : facts) {
    std::string start = pad(fact.name, indent, false);
    for (const std::string& line : wrap(printable(fact.value.text), room)) {
      out += start + paint(line, fact.value.tone, style) + "\n";
      start = std::string(indent, ' ');
    }
  }
  return out;
}

}  // namespace heirloom::cli
