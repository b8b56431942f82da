using System.Text.RegularExpressions;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using PpidWorkflow.Web.Tests.Processes;

namespace PpidWorkflow.Web.Tests.Browser;

/// <summary>The real service and a real Chromium (Debian's), shared by the pages' tests. Not there with <c>PPID_NO_BROWSER</c>: skipped, visibly.</summary>
public class OfficeBrowser : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public RunningService Service { get; } = new();

    public static string Chromium { get; } = Environment.GetEnvironmentVariable("PPID_CHROMIUM") ?? "/usr/bin/chromium";

    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("PPID_NO_BROWSER") is not null)
            return;
        Prepare(Service);
        await Service.StartAsync();
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Chromium,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync"
            ]
        });
    }

    /// <summary>Other settings of the service, before it starts.</summary>
    protected virtual void Prepare(RunningService service)
    {
    }

    /// <summary>A phone (390 px) or a desk (1280 px), nobody signed in.</summary>
    public async Task<Visitor> VisitAsync(int width, bool javaScript = true)
    {
        Assert.SkipWhen(_browser is null, "PPID_NO_BROWSER is set: pages are not tested in this run.");
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = Service.Address!.ToString(),
            ViewportSize = new ViewportSize { Width = width, Height = width < 600 ? 844 : 900 },
            HasTouch = width < 600,
            Locale = "id-ID",
            TimezoneId = "America/New_York",
            JavaScriptEnabled = javaScript
        });
        return new Visitor(context, await context.NewPageAsync(), Service.Address!);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        await Service.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

/// <summary>One person at one browser. Every page visited is held against the rules that all pages keep.</summary>
public sealed partial class Visitor : IAsyncDisposable
{
    private const float Patience = 30_000;

    private const string Password = "Ppid-demo-2026";
    private readonly IBrowserContext _context;
    private readonly List<string> _elsewhere = [];
    private readonly List<string> _complaints = [];

    public Visitor(IBrowserContext context, IPage page, Uri home)
    {
        _context = context;
        Page = page;
        page.SetDefaultTimeout(30_000);
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(home.ToString(), StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
                _elsewhere.Add(request.Url);
        };
        page.Console += (_, message) =>
        {
            if (message.Type == "error" && !message.Text.Contains("the server responded with a status of", StringComparison.Ordinal))
                _complaints.Add(message.Text);
        };
        page.PageError += (_, error) => _complaints.Add(error);
    }

    public IPage Page { get; }

    public ILocator Test(string id) => Page.GetByTestId(id);

    public async Task SignInAsync(string userName)
    {
        await Page.GotoAsync("/sign-in");
        await Page.FillAsync("input[name=userName]", userName);
        await Page.FillAsync("input[name=password]", Password);
        await Test("sign-in").ClickAsync();
        // Asked again and again: waiting for the event of a page that has loaded meanwhile was in vain once.
        await Assertions.Expect(Page).Not.ToHaveURLAsync(SignInPage(), new PageAssertionsToHaveURLOptions { Timeout = Patience });
    }

    public async Task SignOutAsync()
    {
        await Test("user-menu").ClickAsync();
        await Test("sign-out").ClickAsync();
        await Assertions.Expect(Page).ToHaveURLAsync(SignInPage(), new PageAssertionsToHaveURLOptions { Timeout = Patience });
    }

    [GeneratedRegex("/sign-in")]
    private static partial Regex SignInPage();

    public async Task OpenTaskAsync(string caseNumber)
    {
        await Page.GotoAsync("/");
        await Page.Locator($"[data-testid=task][data-case='{caseNumber}']").First.ClickAsync();
        await Assertions.Expect(Page.Locator("h1")).ToBeVisibleAsync();
    }

    /// <summary>Presses a button that posts, and waits for the page that follows.</summary>
    public async Task PressAsync(string testId)
    {
        // What is advised instead waits for an address, and a form that answers with its own page keeps that.
#pragma warning disable CS0612
        await Page.RunAndWaitForNavigationAsync(() => Test(testId).ClickAsync());
#pragma warning restore CS0612
    }

    /// <summary>WCAG 2 A and AA by axe, no sideways scrolling, nothing from another host, no script error.</summary>
    public async Task CheckPageAsync(string name)
    {
        var result = await Page.RunAxe(new Deque.AxeCore.Commons.AxeRunOptions
        {
            RunOnly = new Deque.AxeCore.Commons.RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }
        });
        Assert.True(
            result.Violations.Length == 0,
            $"{name}: {string.Join("; ", result.Violations.Select(v => $"{v.Id}: {v.Help} [{string.Join(", ", v.Nodes.Select(n => n.Html))}]"))}");
        await CheckFitAsync(name);
        Assert.True(_elsewhere.Count == 0, $"{name} asks another host: {string.Join(", ", _elsewhere)}");
        Assert.True(_complaints.Count == 0, $"{name}: {string.Join("; ", _complaints)}");
        if (Environment.GetEnvironmentVariable("PPID_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await Page.ScreenshotAsync(new PageScreenshotOptions
            {
                Path = Path.Combine(folder, $"{name}-{Page.ViewportSize!.Width}.png"),
                FullPage = true
            });
        }
    }

    /// <summary>Nothing is wider than the screen.</summary>
    public async Task CheckFitAsync(string name)
    {
        var overflow = await Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Assert.True(overflow <= 0, $"{name} scrolls sideways by {overflow} px at {Page.ViewportSize!.Width} px.");
    }

    public async ValueTask DisposeAsync() => await _context.CloseAsync();
}

[CollectionDefinition("Browser")]
public sealed class BrowserDefinition : ICollectionFixture<OfficeBrowser>;
