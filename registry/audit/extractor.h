// Gathers rows with the events that recorded them, to be taken elsewhere.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/audit/extract.h"
#include "registry/db/database.h"

namespace heirloom::registry {

class Extractor {
 public:
  explicit Extractor(Database& db) : db_(db) {}

  // The recorded range that holds the row with that key. A row that no event recorded is passed
  // over: whoever reads the extract misses it.
  void add(std::string_view table, std::int64_t key);
  // Every row with that value in an integer column.
  void add_where(std::string_view table, std::string_view column, std::int64_t value);
  void add_events_about(std::string_view model, std::int64_t generation);

  // Events in order, each with the rows that were asked for.
  std::vector<audit::EventRows> events();
  // The events after `seq`; nothing when there are more than `most`.
  std::vector<audit::Link> links_after(std::int64_t seq, std::int64_t most);

 private:
  Database& db_;
  // Ranges to be read, by event.
  std::map<std::int64_t, std::set<std::pair<std::string, std::int64_t>>> wanted_;
};

}  // namespace heirloom::registry
