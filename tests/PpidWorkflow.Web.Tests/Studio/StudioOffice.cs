using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using PpidWorkflow.Web.Tests.Browser;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>A service and a browser of its own: what is done in Studio changes definitions.</summary>
public sealed class StudioOffice : IAsyncLifetime
{
    public const string Sop = "pendokumentasian-informasi-dikecualikan";

    private readonly OfficeBrowser _browser = new();

    public Processes.RunningService Service => _browser.Service;

    public async ValueTask InitializeAsync()
    {
        await _browser.InitializeAsync();
        // A busy machine: nothing here measures speed.
        Assertions.SetDefaultExpectTimeout(20_000);
    }

    public ValueTask DisposeAsync() => _browser.DisposeAsync();

    /// <summary>Somebody signed in, watched as <see cref="StudioVisitor"/> says.</summary>
    public async Task<StudioVisitor> VisitAsync(string userName)
    {
        var visitor = await _browser.VisitAsync(1280);
        await visitor.SignInAsync(userName);
        return await StudioVisitor.WatchAsync(visitor);
    }

    /// <summary>Gives an officer the right of an SOP manager, as an administrator does.</summary>
    public async Task MakeManagerAsync(string displayName)
    {
        await using var admin = await _browser.VisitAsync(1280);
        await admin.SignInAsync("admin");
        await admin.Page.GotoAsync("/admin/officers");
        await admin.Page.Locator("main a", new PageLocatorOptions { HasText = displayName }).First.ClickAsync();
        await admin.Page.CheckAsync("input[name=roles][value=SOP_MANAGER]");
        await admin.PressAsync("save");
        await Assertions.Expect(admin.Test("notice")).ToBeVisibleAsync();
    }

    /// <summary>A client of the API, signed in.</summary>
    public async Task<HttpClient> ApiAsync(string userName)
    {
        var client = new HttpClient { BaseAddress = _browser.Service.Address };
        using var answer = await client.PostAsJsonAsync("/api/v1/auth/token", new { userName, password = TestService.DemoPassword });
        var token = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.GetProperty("accessToken").GetString());
        return client;
    }

    /// <summary>A new case; its instance in Studio is the one whose correlation is the case's number.</summary>
    public async Task<(string Id, string Number, int Version)> StartCaseAsync(string determination)
    {
        using var head = await ApiAsync("kasubid.informasi");
        using var answer = await head.PostAsJsonAsync("/api/v1/cases", new
        {
            title = "Laporan hasil pemeriksaan",
            exemptionBasis = "a",
            determinationNumber = determination,
            determinationDate = "2016-05-20"
        });
        var made = (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>())!;
        return (made["id"]!.GetValue<string>(), made["number"]!.GetValue<string>(), made["definitionVersion"]!.GetValue<int>());
    }

    /// <summary>The instance that runs a case.</summary>
    public async Task<string> InstanceOfAsync(string caseNumber)
    {
        using var manager = await ApiAsync("pengelola.sop");
        using var answer = await manager.PostAsJsonAsync("/elsa/api/workflow-instances", new { correlationId = caseNumber, page = 0, pageSize = 50 });
        var list = (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>())!;
        return list["items"]!.AsArray().Single(i => i!["correlationId"]?.GetValue<string>() == caseNumber)!["id"]!.GetValue<string>();
    }
}

/// <summary>
/// One person in the designer. From the first byte of every page on it is noted: errors in the console, answers of 400 and above, progress
/// bars that stand longer than five seconds, and whether the words "Workflow published" were ever painted.
/// </summary>
public sealed class StudioVisitor : IAsyncDisposable
{
    /// <summary>Looks in each frame that is painted, after whatever was done before it.</summary>
    private const string Watch =
        """
        (() => {
          const claims = /workflow published|workflows? (is|are) published/i, since = new Map();
          const visible = element => element?.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && element.getBoundingClientRect().width > 0;
          const look = () => {
            if (document.body && claims.test(document.body.textContent)) {
              const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
              while (walker.nextNode())
                if (claims.test(walker.currentNode.data) && !walker.currentNode.parentElement?.closest("script") && visible(walker.currentNode.parentElement))
                  console.error("painted: " + walker.currentNode.data.trim());
            }
            const bars = new Set(document.querySelectorAll(".mud-progress-linear-bar, .mud-progress-circular, .mud-skeleton"));
            for (const bar of bars)
              if (visible(bar) && !since.has(bar)) since.set(bar, performance.now());
            for (const [bar, start] of since)
              if (!bars.has(bar) || !visible(bar)) since.delete(bar);
              else if (performance.now() - start > 5000) { console.error("progress for more than 5 s: " + bar.className); since.set(bar, Infinity); }
            requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        })();
        """;

    private readonly Visitor _visitor;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Lock _lock = new();
    private readonly HashSet<IRequest> _underWay = [];
    private bool _leaving;
    private long _lastTraffic;
    private long _observed;

    private StudioVisitor(Visitor visitor) => _visitor = visitor;

    public IPage Page => _visitor.Page;

    /// <summary>What was wrong so far.</summary>
    public List<string> Complaints { get; } = [];

    /// <summary>What was clicked so far, in order.</summary>
    public List<string> Clicked { get; } = [];

    public static async Task<StudioVisitor> WatchAsync(Visitor visitor)
    {
        var watched = new StudioVisitor(visitor);
        var page = visitor.Page;
        await page.AddInitScriptAsync(Watch);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
                watched.Complain(message.Text);
        };
        page.PageError += (_, error) => watched.Complain(error);
        page.Response += (_, answer) =>
        {
            if (answer.Status >= 400)
                watched.Complain($"{answer.Status} {answer.Request.Method} {answer.Url}");
        };
        page.WebSocket += (_, socket) => socket.FrameSent += (_, frame) => watched.Observe(frame.Text);
        page.Request += (_, request) => watched.Traffic(request, begins: true);
        page.RequestFinished += (_, request) => watched.Traffic(request, begins: false);
        page.RequestFailed += (_, request) => watched.Traffic(request, begins: false);
        page.FrameNavigated += (_, frame) => watched.Navigated(frame);
        return watched;
    }

    /// <summary>Opens an address of the designer and waits until Studio shows it.</summary>
    public async Task OpenAsync(string address, string shows)
    {
        Clicked.Add($"open {address}");
        await Page.GotoAsync(address);
        await ShownAsync(Page.Locator(shows).First);
        await SettleAsync();
    }

    /// <summary>
    /// How long Studio takes to start is a matter of what else the machine does: it is waited for as long as it goes on asking for files and
    /// data, and given up a minute after the last request.
    /// </summary>
    public async Task ShownAsync(ILocator target)
    {
        for (var begin = _clock.ElapsedMilliseconds; ;)
        {
            try
            {
                await target.WaitForAsync(new LocatorWaitForOptions { Timeout = 20_000 });
                return;
            }
            catch (TimeoutException) when (GoesOn(begin))
            {
            }
        }
    }

    private bool GoesOn(long begin)
    {
        lock (_lock)
            return _clock.ElapsedMilliseconds - _lastTraffic < 60_000 && _clock.ElapsedMilliseconds - begin < 300_000;
    }

    /// <summary>Clicks, notes what, and waits until Studio has nothing more under way.</summary>
    public async Task ClickAsync(ILocator target, string name, LocatorClickOptions? options = null)
    {
        Clicked.Add(name);
        await target.First.ClickAsync(options ?? new LocatorClickOptions { Timeout = 10_000 });
        await SettleAsync();
    }

    /// <summary>
    /// Selects a step. Studio selects by itself what was dropped and joined, on a busy machine long after it; its frame then lies over the step and takes
    /// the click, so it is put aside by a click beside all steps.
    /// </summary>
    public async Task SelectAsync(string label, string name)
    {
        Clicked.Add(name);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await Node(label).First.ClickAsync(new LocatorClickOptions { Timeout = 5_000 });
                break;
            }
            catch (TimeoutException) when (attempt < 4)
            {
                await Page.Locator(".x6-graph").First.ClickAsync(new LocatorClickOptions { Position = new Position { X = 8, Y = 8 } });
            }
        }
        await SettleAsync();
    }

    /// <summary>
    /// No request under way and none for a moment, and nothing left to do for the page: one that is left while Studio still starts complains, as its
    /// elements go under its scripts.
    /// </summary>
    public async Task SettleAsync()
    {
        await QuietAsync();
        try
        {
            await Page.EvaluateAsync("() => new Promise(done => requestIdleCallback(() => requestIdleCallback(done, { timeout: 10000 }), { timeout: 10000 }))");
        }
        catch (PlaywrightException left) when (left.Message.Contains("context was destroyed", StringComparison.Ordinal))
        {
            // It went to another page by itself, as after a click on a link.
        }
    }

    private async Task QuietAsync()
    {
        var begin = _clock.ElapsedMilliseconds;
        var end = begin + 15_000;
        while (_clock.ElapsedMilliseconds < end)
        {
            lock (_lock)
                if (_underWay.Count == 0 && _clock.ElapsedMilliseconds - Math.Max(begin, _lastTraffic) > 150)
                    return;
            await Page.WaitForTimeoutAsync(50);
        }
        string requests;
        lock (_lock)
            requests = string.Join(", ", _underWay.Select(r => r.Url));
        Complain($"still under way after 15 s: {requests}");
    }

    public ILocator Node(string text) => Page.Locator($".x6-node:has-text(\"{text}\")");

    /// <summary>A field of the selected activity, by its label.</summary>
    public ILocator Field(string label) =>
        Page.Locator($".mud-input-control:has(label:text-is(\"{label}\"))").Locator("textarea:visible, input:visible");

    /// <summary>Types into a field of the selected activity and waits until Studio has saved it by itself.</summary>
    public async Task FillAsync(string label, string value)
    {
        Clicked.Add($"{label} = {value}");
        await SavedAsync(async () =>
        {
            await Field(label).First.FillAsync(value);
            await Field(label).First.PressAsync("Tab");
        });
    }

    /// <summary>Does something that Studio saves by itself, and waits for that.</summary>
    public async Task SavedAsync(Func<Task> change)
    {
        await Page.RunAndWaitForResponseAsync(change, answer =>
            answer.Request.Method == "POST" && answer.Url.EndsWith("/elsa/api/workflow-definitions", StringComparison.Ordinal));
        await SettleAsync();
    }

    public async Task ChooseAsync(string label, string option)
    {
        await ClickAsync(Page.Locator($".mud-input-control:has(label:text-is(\"{label}\"))"), $"{label}: open the list");
        await SavedAsync(() => ClickAsync(Page.Locator(".mud-popover-open [role=option]", new PageLocatorOptions { HasText = option }), $"{label} = {option}"));
    }

    /// <summary>Drags an activity from the palette to a place of the drawing (shares of its width and height).</summary>
    public async Task DropAsync(string activity, float x, float y)
    {
        Clicked.Add($"drag \"{activity}\" onto the drawing");
        var canvas = Page.Locator(".x6-graph").First;
        var box = await canvas.BoundingBoxAsync();
        await Page.Locator($"[draggable=true]:has-text(\"{activity}\")").First.DragToAsync(
            canvas, new LocatorDragToOptions { TargetPosition = new TargetPosition { X = box!.Width * x, Y = box.Height * y } });
        await SettleAsync();
    }

    /// <summary>Draws a connection from a port to an activity.</summary>
    public async Task ConnectAsync(string from, string port, string to)
    {
        Clicked.Add($"connect {from}.{port} to {to}");
        var start = await PortAsync(from, port);
        var end = await PortAsync(to, "In");
        await Page.Mouse.MoveAsync(start.X, start.Y);
        await Page.Mouse.DownAsync();
        await Page.Mouse.MoveAsync((start.X + end.X) / 2, (start.Y + end.Y) / 2, new MouseMoveOptions { Steps = 5 });
        await Page.Mouse.MoveAsync(end.X, end.Y, new MouseMoveOptions { Steps = 5 });
        await Page.Mouse.UpAsync();
        await SettleAsync();
    }

    /// <summary>Selects the connection that leaves a port and deletes it.</summary>
    public async Task DisconnectAsync(string from, string port)
    {
        Clicked.Add($"delete the connection from {from}.{port}");
        var at = await Page.EvaluateAsync<float[]>(
            """
            ([name, port]) => {
              const node = [...document.querySelectorAll(".x6-node")].find(n => n.textContent.includes(name));
              const place = node.querySelector(`[port="${port}"]`).closest(".x6-port");
              const a = node.transform.baseVal.consolidate().matrix, b = place.transform.baseVal.consolidate().matrix;
              for (const edge of document.querySelectorAll(".x6-edge")) {
                const path = edge.querySelector("path"), start = path.getPointAtLength(0);
                if (Math.abs(start.x - a.e - b.e) < 6 && Math.abs(start.y - a.f - b.f) < 6) {
                  const middle = path.getPointAtLength(Math.min(60, path.getTotalLength() / 3)), m = path.getScreenCTM();
                  return [m.a * middle.x + m.e, m.d * middle.y + m.f];
                }
              }
              return [];
            }
            """, new[] { from, port });
        Assert.True(at.Length == 2, $"No connection leaves {from}.{port}.");
        await Page.Mouse.ClickAsync(at[0], at[1]);
        await Page.Keyboard.PressAsync("Delete");
        await SettleAsync();
    }

    private async Task<(float X, float Y)> PortAsync(string node, string port)
    {
        var at = await Page.EvaluateAsync<float[]>(
            """
            ([name, port]) => {
              const node = [...document.querySelectorAll(".x6-node")].find(n => n.textContent.includes(name));
              const box = node.querySelector(`[port="${port}"] circle`).getBoundingClientRect();
              return [box.x + box.width / 2, box.y + box.height / 2];
            }
            """, new[] { node, port });
        return (at[0], at[1]);
    }

    public async Task ScreenshotAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("PPID_SCREENSHOTS") is { Length: > 0 } folder)
            await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"{name}-1280.png") });
    }

    /// <summary>Prints what was clicked; fails if anything was wrong.</summary>
    public void AssertClean()
    {
        var output = TestContext.Current.TestOutputHelper;
        for (var i = 0; i < Clicked.Count; i++)
            output?.WriteLine($"{i + 1,3}. {Clicked[i]}");
        lock (_lock)
            Assert.True(Complaints.Count == 0, $"{Complaints.Count} complaints after {Clicked.Count} clicks:\n{string.Join('\n', Complaints.Distinct().Take(20))}");
    }

    public ValueTask DisposeAsync() => _visitor.DisposeAsync();

    /// <summary>Notes that something was wrong, and after which click.</summary>
    public void Complain(string what)
    {
        var complaint = $"after \"{(Clicked.Count > 0 ? Clicked[^1] : "the start")}\": {(what.Length > 600 ? what[..600] : what)}";
        lock (_lock)
            Complaints.Add(complaint);
        TestContext.Current.TestOutputHelper?.WriteLine(complaint);
    }

    /// <summary>Waits until the viewer follows its instance, over however many connections it tries.</summary>
    public async Task ObservedAsync()
    {
        var end = _clock.ElapsedMilliseconds + 20_000;
        while (_clock.ElapsedMilliseconds < end && (_observed == 0 || _clock.ElapsedMilliseconds - _observed < 1_500))
            await Page.WaitForTimeoutAsync(50);
        Assert.True(_observed > 0, "The viewer does not follow its instance.");
    }

    private void Observe(string? frame)
    {
        if (frame?.Contains("ObserveInstanceAsync", StringComparison.Ordinal) == true)
            _observed = _clock.ElapsedMilliseconds;
    }

    // What the former document still asked for between the order to leave and the new one's arrival is never told to have ended.
    private void Navigated(IFrame frame)
    {
        lock (_lock)
        {
            if (!_leaving || frame.ParentFrame is not null)
                return;
            _leaving = false;
            _underWay.RemoveWhere(request => !request.IsNavigationRequest);
        }
    }

    private void Traffic(IRequest request, bool begins)
    {
        // A live connection stays open; what comes from the browser's memory never ends, nor does, now and then, the icon of the page, which the
        // browser itself asks for. A new document leaves nothing of the former one under way.
        if (request.Url.Contains("/elsa/hubs", StringComparison.Ordinal) || request.Url.StartsWith("blob:", StringComparison.Ordinal)
            || request.Url.EndsWith("/icon.svg", StringComparison.Ordinal))
            return;
        lock (_lock)
        {
            if (begins && request.IsNavigationRequest)
            {
                _underWay.Clear();
                _leaving = true;
            }
            if (begins)
                _underWay.Add(request);
            else
                _underWay.Remove(request);
            _lastTraffic = _clock.ElapsedMilliseconds;
        }
    }
}
