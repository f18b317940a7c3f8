// The YAML files beside these tests: NAME.good.yaml is read, NAME.bad.yaml is refused with what its
// first line expects.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace heirloom::config {

inline std::string slurp(const std::filesystem::path& path) {
  std::ifstream file(path);
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
