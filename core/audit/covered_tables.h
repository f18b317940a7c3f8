// Which tables and columns of the registry the audit chain covers.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace heirloom::audit {

// `columns` are what is hashed, in this order; frozen with the table. For certified_examples the
// key is the certificate, so that one range is a whole certificate's examples.
struct CoveredTable {
  std::string_view name;
  std::string_view key;
  std::string_view columns;  // the first is the key
  std::string_view order;
};

std::span<const CoveredTable> covered_tables();
const CoveredTable* find_covered_table(std::string_view name);

}  // namespace heirloom::audit
