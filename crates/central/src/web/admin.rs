//! The admin: pages for the people of offices and of the union, after signing in.
//!
//! Every route says in [`ROUTES`](routes) what it asks of whoever opens it, and its handler gets the storage of the towns
//! where they may do that. Pages work without a script. Browsers send the cookie with requests of our own pages alone,
//! and what changes something is refused when it comes from elsewhere.

use axum::body::{self, Body, HttpBody as _};
use axum::extract::{Extension, Request, State};
use axum::handler::Handler;
use axum::http::Method;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY,
};
use axum::middleware::{self, Next};
use axum::response::{Redirect, Response};
use axum::routing::{MethodRouter, any, on};
use axum::{Router, routing::MethodFilter};
use std::sync::Arc;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::account::role::Permission;
use crate::config::LimitsConfig;
use crate::http_service::{Connection, MAX_BODY_BYTES, Service};

mod account;
mod audit;
mod displays;
mod error;
mod fields;
mod frame;
mod identity;
mod invitation;
mod language;
mod overview;
mod people;
mod sessions;
mod sign_in;
mod sign_out;
mod style;
mod words;

use error::AdminError;
use fields::TooLarge;
use identity::Needs;

/// Pages that are made at once; further requests wait for one of these.
const MAX_CONCURRENT_REQUESTS: usize = 4;

const SIGN_OUT: &str = "/admin/sign-out";

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// A route of the admin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminRoute {
    pub method: Method,
    pub path: &'static str,
    /// `None` where nobody has to have signed in.
    pub permission: Option<Permission>,
}

/// The routes while they are listed.
#[derive(Default)]
struct Routes {
    router: Router<Arc<Service>>,
    list: Vec<AdminRoute>,
}

impl Routes {
    fn add<H, T>(
        self,
        method: MethodFilter,
        name: Method,
        path: &'static str,
        permission: Option<Permission>,
        handler: H,
    ) -> Self
    where
        H: Handler<T, Arc<Service>>,
        T: 'static,
    {
        let Self { router, mut list } = self;
        list.push(AdminRoute {
            method: name,
            path,
            permission,
        });
        let route: MethodRouter<Arc<Service>> = on(method, handler);
        let router = router.route(path, route.layer(Extension(Needs(permission))));
        Self { router, list }
    }

    fn get<H, T>(self, path: &'static str, permission: Option<Permission>, handler: H) -> Self
    where
        H: Handler<T, Arc<Service>>,
        T: 'static,
    {
        self.add(MethodFilter::GET, Method::GET, path, permission, handler)
    }

    fn post<H, T>(self, path: &'static str, permission: Option<Permission>, handler: H) -> Self
    where
        H: Handler<T, Arc<Service>>,
        T: 'static,
    {
        self.add(MethodFilter::POST, Method::POST, path, permission, handler)
    }
}

fn listed() -> Routes {
    use Permission::{ManagePeople, Own, ReadAudit, SeeDisplays};
    Routes::default()
        .get("/static/admin.css", None, style::get)
        .get("/admin/sign-in", None, sign_in::get)
        .post("/admin/sign-in", None, sign_in::post)
        .get("/admin/sign-in/code", None, sign_in::code::get)
        .post("/admin/sign-in/code", None, sign_in::code::post)
        .get("/admin/invitation/{token}", None, invitation::get)
        .post("/admin/invitation/{token}", None, invitation::post)
        .get("/admin", None, async || Redirect::permanent("/admin/"))
        .get("/admin/", Some(Own), overview::get)
        .get("/admin/displays", Some(SeeDisplays), displays::get)
        .get(
            "/admin/displays/{display}",
            Some(SeeDisplays),
            displays::display::get,
        )
        .post(SIGN_OUT, Some(Own), sign_out::post)
        .get("/admin/sessions", Some(Own), sessions::get)
        .post("/admin/sessions/{session}/end", Some(Own), sessions::end)
        .get("/admin/account", Some(Own), account::get)
        .post("/admin/account/name", Some(Own), account::name)
        .post("/admin/account/password", Some(Own), account::password)
        .post("/admin/language", Some(Own), language::post)
        .get("/admin/people", Some(ManagePeople), people::get)
        .post(
            "/admin/people/invite",
            Some(ManagePeople),
            people::invite::post,
        )
        .post(
            "/admin/people/invitations/{invitation}/end",
            Some(ManagePeople),
            people::invitation::end,
        )
        .post(
            "/admin/people/invitations/{invitation}/link",
            Some(ManagePeople),
            people::invitation::link_anew,
        )
        .get(
            "/admin/people/{account}",
            Some(ManagePeople),
            people::person::get,
        )
        .post(
            "/admin/people/{account}/roles",
            Some(ManagePeople),
            people::roles::post,
        )
        .post(
            "/admin/people/{account}/disabled",
            Some(ManagePeople),
            people::disabled::post,
        )
        .post(
            "/admin/people/{account}/password",
            Some(ManagePeople),
            people::password::post,
        )
        .get("/admin/audit", Some(ReadAudit), audit::get)
        .get("/admin/audit.csv", Some(ReadAudit), audit::csv)
}

/// Every route of the admin.
pub fn routes() -> Vec<AdminRoute> {
    listed().list
}

/// Whether a page of whoever has signed in has this path.
fn is_page(path: &str) -> bool {
    let is_at = |route: &AdminRoute| {
        let (parts, given) = (route.path.split('/'), path.split('/'));
        parts.clone().count() == given.clone().count()
            && parts
                .zip(given)
                .all(|(part, given)| part == given || part.starts_with('{'))
    };
    let mut pages = routes().into_iter();
    pages.any(|route| route.method == Method::GET && route.permission.is_some() && is_at(&route))
}

pub fn router(limits: &LimitsConfig) -> Router<Arc<Service>> {
    let header =
        |name, value| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value));
    listed()
        .router
        .route("/admin/{*path}", any(async || AdminError::NotFound))
        .layer(CsrfLayer::new())
        .layer(middleware::from_fn(error::render))
        .layer(SetResponseHeaderLayer::if_not_present(
            CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
        .layer(header(CONTENT_SECURITY_POLICY, POLICY))
        // Without the origin of a form nobody could tell where it comes from.
        .layer(header(REFERRER_POLICY, "same-origin"))
        .layer(header(HeaderName::from_static("x-frame-options"), "DENY"))
        .layer(CompressionLayer::new())
        .layer(GlobalConcurrencyLimitLayer::new(MAX_CONCURRENT_REQUESTS))
        .layer(middleware::from_fn_with_state(limits.clone(), admit))
}

/// Takes a slot and reads the body, so that whoever sends it slowly keeps no page from being made.
async fn admit(
    State(limits): State<LimitsConfig>,
    Extension(connection): Extension<Connection>,
    request: Request,
    next: Next,
) -> Response {
    let language = words::asked(request.headers());
    let admitted = match connection.serve_admin(request.headers()) {
        Ok(()) => with_body(request, &limits).await,
        Err(busy) => Err(busy.into()),
    };
    match admitted {
        Ok(request) => next.run(request).await,
        Err(error) => error::render_as(&error, language),
    }
}

async fn with_body(request: Request, limits: &LimitsConfig) -> Result<Request, AdminError> {
    let (mut parts, body) = request.into_parts();
    if body.size_hint().lower() > MAX_BODY_BYTES {
        parts.extensions.insert(TooLarge);
        return Ok(Request::from_parts(parts, Body::empty()));
    }
    let length = body.size_hint().upper().unwrap_or(MAX_BODY_BYTES);
    let body = body::to_bytes(body, MAX_BODY_BYTES as usize);
    let body = tokio::time::timeout(limits.body_time(length), body)
        .await
        .map_err(|_| AdminError::SlowBody)?
        .map_err(|_| AdminError::BadForm)?;
    Ok(Request::from_parts(parts, Body::from(body)))
}
