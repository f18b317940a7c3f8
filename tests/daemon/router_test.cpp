#include <gtest/gtest.h>

#include "daemon/http/router.h"

namespace heirloom::daemon {
namespace {

class RouterTest : public ::testing::Test {
 protected:
  RouterTest() {
    router.add("GET", "/v1/models/{model}", [](const ApiRequest& request) {
      return base::Result<ApiResponse>(
          ApiResponse{200,
                      {{"model", request.captures.at("model")},
                       {"actor", request.actor},
                       {"after", request.query.count("after") ? request.query.at("after") : ""}}});
    });
    router.add("POST", "/v1/models", [](const ApiRequest&) -> base::Result<ApiResponse> {
      return base::fail(base::ErrorKind::conflict, "taken", "choose another");
    });
  }
  Router router;
};

TEST_F(RouterTest, CapturesAreDecodedAndPassedOn) {
  const auto response = router.handle("GET", "/v1/models/a%2Eb?after=3", "", "uid:5");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body["model"], "a.b");
  EXPECT_EQ(response.body["actor"], "uid:5");
  EXPECT_EQ(response.body["after"], "3");
}

TEST_F(RouterTest, AnUnknownPathIsNotFoundAndAKnownOneWithAnotherMethodNotAllowed) {
  EXPECT_EQ(router.handle("GET", "/v1/nothing", "", "").status, 404);
  EXPECT_EQ(router.handle("DELETE", "/v1/models/a", "", "").status, 405);
}

TEST_F(RouterTest, AHandlersErrorBecomesItsStatusAndBody) {
  const auto response = router.handle("POST", "/v1/models", "{}", "");
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(response.body["error"]["kind"], "conflict");
  EXPECT_EQ(response.body["error"]["hint"], "choose another");
}

TEST_F(RouterTest, ABadEscapeIsRefused) {
  EXPECT_EQ(router.handle("GET", "/v1/models/%zz", "", "").status, 400);
  EXPECT_EQ(router.handle("GET", "/v1/models/%4", "", "").status, 400);
}

}  // namespace
}  // namespace heirloom::daemon
