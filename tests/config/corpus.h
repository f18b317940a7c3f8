// The YAML files beside these tests:
//   NAME.good.yaml   is read
//   NAME.bad.yaml    is refused, with exactly the message that is expected
//   NAME.unfit.yaml  a policy that is read, and refused by policies::check for the expected reason
// What is expected stands in the first line ("# expect: 3:8: `sigma` is ..."), or, where a comment
// there would change the case (a byte order mark, an empty file), in NAME.bad.expect.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace heirloom::config {

inline std::string slurp(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The files of a folder under data/ whose names end in `ending`, sorted.
inline std::vector<std::filesystem::path> corpus(const std::string& folder,
                                                 const std::string& ending) {
  std::vector<std::filesystem::path> paths;
  const std::filesystem::path root = std::filesystem::path(HEIRLOOM_CONFIG_DATA) / folder;
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    if (entry.path().filename().string().ends_with(ending)) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace heirloom::config
