//! The pages are served as promised, and ask nobody but this server for anything.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    REFERRER_POLICY,
};
use axum::http::{HeaderName, Method, Request, Response, StatusCode};
use sha2::{Digest, Sha256};
use tower::ServiceExt as _;

use super::asset::hex;
use super::{docs, docs_routes, playground, playground_routes};

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Every path and its type.
const SERVED: [(&str, &str); 7] = [
    ("/", HTML),
    ("/assets/playground.css", CSS),
    ("/assets/playground.js", SCRIPT),
    ("/docs", HTML),
    ("/assets/docs.js", SCRIPT),
    ("/assets/swagger-ui-bundle.js", SCRIPT),
    ("/assets/swagger-ui.css", CSS),
];

const PAGES: [(&str, &str); 2] =
    [("/", include_str!("playground/index.html")), ("/docs", include_str!("docs/index.html"))];

/// All that we wrote ourselves.
const OURS: [(&str, &str); 5] = [
    PAGES[0],
    PAGES[1],
    ("playground.css", include_str!("playground/playground.css")),
    ("playground.js", include_str!("playground/playground.js")),
    ("docs.js", include_str!("docs/docs.js")),
];

async fn ask(method: Method, path: &str, tag: Option<&str>) -> Response<Body> {
    let routes: Router = playground_routes().merge(docs_routes());
    let request = Request::builder().method(method).uri(path);
    let request = tag.into_iter().fold(request, |request, tag| request.header(IF_NONE_MATCH, tag));
    routes.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

fn header(response: &Response<Body>, name: HeaderName) -> &str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

async fn body(response: Response<Body>) -> String {
    String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap()
}

/// The values of that attribute.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    html.split(start.as_str()).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[tokio::test]
async fn every_file_is_served_with_its_type_and_the_headers_that_keep_a_page_to_this_server() {
    for (path, content_type) in SERVED {
        let response = ask(Method::GET, path, None).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(header(&response, CONTENT_TYPE), content_type, "{path}");
        assert_eq!(header(&response, CACHE_CONTROL), "no-cache", "{path}");
        assert_eq!(header(&response, REFERRER_POLICY), "no-referrer", "{path}");
        assert_eq!(
            header(&response, CONTENT_SECURITY_POLICY),
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
             img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            "{path}"
        );
        assert!(!body(response).await.is_empty(), "{path}");
    }
    assert_eq!(playground::ASSETS.len() + docs::ASSETS.len(), SERVED.len(), "all are looked at");
}

#[tokio::test]
async fn a_head_request_gets_the_headers_of_a_get_without_its_body() {
    for (path, content_type) in SERVED {
        let length = body(ask(Method::GET, path, None).await).await.len();
        let response = ask(Method::HEAD, path, None).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(header(&response, CONTENT_TYPE), content_type, "{path}");
        assert_eq!(header(&response, CONTENT_LENGTH), length.to_string(), "{path}");
        assert_eq!(body(response).await, "", "{path}");
    }
}

#[tokio::test]
async fn other_methods_are_refused() {
    for (path, _) in SERVED {
        let response = ask(Method::POST, path, None).await;
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(header(&response, ALLOW), "GET,HEAD", "{path}");
    }
}

#[tokio::test]
async fn each_set_of_routes_leaves_out_the_other_and_the_document_itself() {
    let cases = [
        (playground_routes::<()>(), ["/docs", "/assets/docs.js", "/openapi.json"]),
        (docs_routes::<()>(), ["/", "/assets/playground.js", "/openapi.json"]),
    ];
    for (routes, absent) in cases {
        for path in absent {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let response = routes.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}

#[tokio::test]
async fn a_copy_that_is_still_right_is_not_sent_again() {
    for (path, _) in SERVED {
        let etag = header(&ask(Method::GET, path, None).await, ETAG).to_owned();
        for held in [etag.clone(), format!("W/{etag}"), format!("\"other\" , {etag}"), "*".to_owned()] {
            let response = ask(Method::GET, path, Some(&held)).await;
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{path} {held}");
            assert_eq!(header(&response, ETAG), etag, "{path}");
            assert_eq!(header(&response, CACHE_CONTROL), "no-cache", "{path}");
            assert_eq!(body(response).await, "", "{path}");
        }
        for outdated in ["\"other\"", etag.trim_matches('"'), ""] {
            let response = ask(Method::GET, path, Some(outdated)).await;
            assert_eq!(response.status(), StatusCode::OK, "{path} {outdated}");
        }
    }
}

#[tokio::test]
async fn files_that_differ_have_different_tags() {
    let mut tags = std::collections::HashSet::new();
    for (path, _) in SERVED {
        let response = ask(Method::GET, path, None).await;
        assert!(tags.insert(header(&response, ETAG).to_owned()), "{path}");
    }
}

#[tokio::test]
async fn whatever_a_page_loads_is_a_file_that_is_served() {
    for (page, html) in PAGES {
        let loaded = [attributes(html, "src"), attributes(html, "href")].concat();
        let own: Vec<&str> = loaded.into_iter().filter(|address| !address.starts_with("data:")).collect();
        assert!(own.len() >= 2, "{page} loads {own:?}");
        for address in own.into_iter().filter(|address| *address != "/openapi.json") {
            let response = ask(Method::GET, address, None).await;
            assert_eq!(response.status(), StatusCode::OK, "{page} loads {address}");
        }
    }
}

#[test]
fn no_page_has_a_script_a_style_or_a_handler_of_its_own() {
    for (page, html) in PAGES {
        let html = html.to_ascii_lowercase();
        for script in html.split("<script").skip(1) {
            let (tag, rest) = script.split_once('>').unwrap();
            assert!(tag.contains(" src=\"/assets/"), "{page}: {tag}");
            assert!(rest.starts_with("</script>"), "{page}: {tag}");
        }
        assert!(!html.contains("<style"), "{page}");
        assert!(!html.contains("javascript:"), "{page}");
        // What begins an attribute: a name after white space, up to its equals sign.
        for name in html.split_whitespace().filter_map(|word| word.split_once('=')).map(|(name, _)| name) {
            assert!(name != "style" && !name.starts_with("on"), "{page}: {name}");
        }
    }
}

#[test]
fn nothing_that_we_wrote_names_another_server_or_takes_text_for_html() {
    for (name, text) in OURS {
        let text = text.replace("http://www.w3.org/2000/svg", "");
        for word in ["http:", "https:", "\"//", "url(", "@import", "innerHTML", "insertAdjacentHTML", "eval("]
        {
            assert!(!text.contains(word), "{name} has {word}");
        }
    }
}

#[test]
fn swagger_ui_is_told_to_ask_nobody_else() {
    let script = include_str!("docs/docs.js");
    for setting in ["url: \"/openapi.json\"", "validatorUrl: null", "queryConfigEnabled: false"] {
        assert!(script.contains(setting), "{setting}");
    }
}

#[test]
fn swagger_ui_is_what_its_readme_says() {
    let readme = include_str!("swagger_ui/README.md");
    let files = [
        ("swagger-ui-bundle.js", include_str!("swagger_ui/swagger-ui-bundle.js")),
        ("swagger-ui.css", include_str!("swagger_ui/swagger-ui.css")),
    ];
    for (name, text) in files {
        let sum = hex(&Sha256::digest(text));
        assert!(readme.contains(&format!("| `{name}` | `{sum}` |")), "{name} has {sum}");
    }
}
