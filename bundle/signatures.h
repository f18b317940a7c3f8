// Signatures of the files of versions, as evidence: who signed what a version was made from.
#pragma once

#include <string>
#include <vector>

#include "bundle/bundle.h"
#include "bundle/records.h"

namespace heirloom::bundle {

// Opens each signature that the bundle has once more, with the key that its row names: it must be
// for that version, and for the file that the version has. Throws std::invalid_argument at the
// first difference. Whether the key is to be trusted is for the reader to say.
void check_version_signatures(const Bundle& bundle, const Records& records,
                              std::vector<std::string>& checks);

}  // namespace heirloom::bundle
